#include "actors/health.hpp"

#include "tests/actors/stage.hpp"

using namespace test;

namespace {

/// A prober that answers when the test sends `shown`. The real prober blocks a thread of its own,
/// where the test's clock does not run.
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

/// The health actor over such a prober. `available`: the state of the log as the persistence actor
/// last saw it.
struct asked_health : stage {
  explicit asked_health(bool available) { ingress->log().set_available(available); }
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

  /// Lets the prober answer, if it has a request.
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
    "a database that hangs is reported to all queries within a second, and so is its return") {
  asked_health s(true);
  s.ask();
  s.ask();
  CHECK(s.answers.empty());
  s.pass(950ms);
  CHECK(s.answers == std::vector<bool>{false, false});
  s.ask(); // the database still hangs, so the answer comes at once
  CHECK(s.answers.size() == 3);
  s.probed();
  s.ask(); // answered by the last probe, or by a new one if the last one is too old
  s.probed();
  CHECK(s.answers == std::vector<bool>{false, false, false, true});
}

TEST_CASE("a query after the log came back is not answered with the outage before") {
  asked_health s(false);
  s.ask();
  s.probed();
  SUBCASE("the answer waits until the persistence actor has seen the log") {
    CHECK(s.answers.empty());
    s.pass(300ms);
    CHECK(s.answers.empty());
    s.ingress->log().set_available(true);
    s.pass(30ms);
    CHECK(s.answers == std::vector<bool>{true});
  }
  SUBCASE("the answer waits for at most a second") {
    s.pass(950ms);
    CHECK(s.answers == std::vector<bool>{false});
  }
}
