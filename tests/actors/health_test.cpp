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

/// The health actor over such a prober; `well`: as the persistence actor last saw the log.
struct asked_health : stage {
  explicit asked_health(bool well) { ingress->log().set_available(well); }
  ~asked_health() {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(prober, caf::exit_reason::user_shutdown);
    actor = nullptr;
    prober = nullptr;
    run();
  }

  void ask() {
    caf::anon_send(
        actor, health_query{[this](const health_report& how) { answers.push_back(how.database); }});
    run();
  }

  /// The prober answers, if it was asked.
  void probed() {
    caf::anon_send(prober, shown_atom_v);
    run();
  }

  std::vector<bool> answers;
  hanging_prober prober = system.spawn(hanging, true);
  health_actor actor =
      system.spawn(health, prober, std::shared_ptr<const ingress_budget>(ingress),
                   std::vector<watched_actor>{}, std::vector<std::shared_ptr<const heartbeat>>{});
};

} // namespace

TEST_CASE(
    "a database that hangs is reported within a second, to all who ask, and its return as well") {
  asked_health s(true);
  s.ask();
  s.ask();
  CHECK(s.answers.empty());
  s.pass(950ms);
  CHECK(s.answers == std::vector<bool>{false, false});
  s.ask(); // still hangs: answered at once
  CHECK(s.answers.size() == 3);
  s.probed();
  s.ask(); // answered by what was heard just now, or asked for anew if that is long ago
  s.probed();
  CHECK(s.answers == std::vector<bool>{false, false, false, true});
}

TEST_CASE("that the log was away is no answer to who asks when it is back") {
  asked_health s(false);
  s.ask();
  s.probed();
  SUBCASE("the persistence actor is given the time to see it too") {
    CHECK(s.answers.empty());
    s.pass(300ms);
    CHECK(s.answers.empty());
    s.ingress->log().set_available(true);
    s.pass(30ms);
    CHECK(s.answers == std::vector<bool>{true});
  }
  SUBCASE("but not more than a second") {
    s.pass(950ms);
    CHECK(s.answers == std::vector<bool>{false});
  }
}
