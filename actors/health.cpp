#include "actors/health.hpp"

namespace hubbub {

namespace {

constexpr std::chrono::milliseconds patience{900};

struct prober_state {
  std::unique_ptr<log> store;
  static inline const char* name = "prober";
};

health_actor::behavior_type prober(health_actor::stateful_pointer<prober_state> self,
                                   log_factory make) {
  self->state.store = make();
  return {
      [self](probe_atom) {
        try {
          self->state.store->check();
          return true;
        } catch (const std::exception&) {
          return false;
        }
      },
      [](overdue) {},
  };
}

} // namespace

health_actor::behavior_type health_state::start(pointer self, log_factory make) {
  self_ = self;
  prober_ = self->spawn<caf::detached + caf::linked>(prober, std::move(make));
  return {
      [this](probe_atom) -> caf::result<bool> {
        if (overdue_)
          return false;
        waiting_.push_back(self_->make_response_promise<bool>());
        if (!under_way_)
          ask();
        return caf::delegated<bool>{};
      },
      [this](overdue late) {
        if (!under_way_ || late.question != asked_)
          return;
        overdue_ = true;
        answer(false);
      },
  };
}

void health_state::ask() {
  under_way_ = true;
  const auto done = [this](bool alive) {
    under_way_ = overdue_ = false;
    answer(alive);
  };
  self_->request(prober_, caf::infinite, probe_atom_v).then(done, [done](const caf::error&) {
    done(false);
  });
  self_->delayed_send(self_, patience, overdue{++asked_});
}

void health_state::answer(bool alive) {
  for (auto& promise : std::exchange(waiting_, {}))
    promise.deliver(alive);
}

} // namespace hubbub
