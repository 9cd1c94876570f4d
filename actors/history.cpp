#include "actors/history.hpp"

namespace hubbub {

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     log_factory make) {
  self->state.store = make();
  return {[self](const page_request& r) -> caf::result<page> {
    try {
      auto& store = *self->state.store;
      return std::make_shared<const std::vector<message>>(
          r.before ? store.before(r.room, *r.before, r.limit)
                   : store.after(r.room, r.after, r.limit));
    } catch (const std::exception& e) {
      return caf::make_error(caf::sec::runtime_error, e.what());
    }
  }};
}

} // namespace hubbub
