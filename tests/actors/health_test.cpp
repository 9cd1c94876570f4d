#include "actors/health.hpp"

#include "tests/actors/stage.hpp"

using namespace test;

namespace {

/// The real one waits in a thread of its own, where a test's time does not pass. This one answers
/// when it is told that the database goes on.
using hanging_prober = prober_actor::extend<caf::reacts_to<shown_atom>>;

struct hanging_state {
  caf::typed_response_promise<bool> asked;
};

hanging_prober::behavior_type hanging(hanging_prober::stateful_pointer<hanging_state> self,
                                      bool answer) {
  return {[self](probe_atom) -> caf::result<bool> {
            self->state.asked = self->make_response_promise<bool>();
            return caf::delegated<bool>{};
          },
          [self, answer](shown_atom) {
            if (self->state.asked.pending())
              self->state.asked.deliver(answer);
          }};
}

} // namespace

TEST_CASE(
    "a database that hangs is reported within a second, to all who ask, and its return as well") {
  stage s;
  auto prober = s.system.spawn(hanging, true);
  s.accepted->log_well(true);
  auto actor =
      s.system.spawn(health, prober, std::shared_ptr<const intake>(s.accepted),
                     std::vector<patient>{}, std::vector<std::shared_ptr<const heartbeat>>{});
  std::vector<bool> answers;
  const auto ask = [&] {
    caf::anon_send(actor, health_question{[&answers](const state_of_health& how) {
                     answers.push_back(how.database);
                   }});
    s.run();
  };
  ask();
  ask();
  CHECK(answers.empty());
  s.pass(950ms);
  CHECK(answers == std::vector<bool>{false, false});
  ask(); // still hangs: answered at once
  CHECK(answers.size() == 3);
  caf::anon_send(prober, shown_atom_v);
  s.run();
  ask(); // answered by what was heard just now, or asked for anew if that is long ago
  caf::anon_send(prober, shown_atom_v);
  s.run();
  CHECK(answers == std::vector<bool>{false, false, false, true});
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(prober, caf::exit_reason::user_shutdown);
  actor = nullptr;
  prober = nullptr;
  s.run();
}

TEST_CASE("that the log was away is no answer to who asks when it is back") {
  stage s;
  auto prober = s.system.spawn(hanging, true);
  s.accepted->log_well(false); // as the persistence actor last saw it
  auto actor =
      s.system.spawn(health, prober, std::shared_ptr<const intake>(s.accepted),
                     std::vector<patient>{}, std::vector<std::shared_ptr<const heartbeat>>{});
  std::vector<bool> answers;
  const auto ask = [&] {
    caf::anon_send(actor, health_question{[&answers](const state_of_health& how) {
                     answers.push_back(how.database);
                   }});
    s.run();
  };
  const auto probed = [&] {
    caf::anon_send(prober, shown_atom_v);
    s.run();
  };
  SUBCASE("the persistence actor is given the time to see it too") {
    ask();
    probed();
    CHECK(answers.empty());
    s.pass(300ms);
    CHECK(answers.empty());
    s.accepted->log_well(true);
    s.pass(30ms);
    CHECK(answers == std::vector<bool>{true});
  }
  SUBCASE("but not more than a second") {
    ask();
    probed();
    s.pass(950ms);
    CHECK(answers == std::vector<bool>{false});
  }
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(prober, caf::exit_reason::user_shutdown);
  actor = nullptr;
  prober = nullptr;
  s.run();
}
