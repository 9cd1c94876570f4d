#include "actors/history.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const log_factory& make) {
  self->state.store = make();
  const auto guarded = [self](auto act) -> caf::result<decltype(act())> {
    try {
      auto rows = act();
      if (self->state.reason.over())
        spdlog::info("messages can be read again");
      return rows;
    } catch (const std::exception& e) {
      if (self->state.reason.is_new(e.what()))
        spdlog::warn("messages cannot be read for now: {}", e.what());
      return caf::make_error(caf::sec::runtime_error, e.what());
    }
  };
  return {
      [self, guarded](const page_request& r) {
        return guarded([&]() -> page {
          auto& store = *self->state.store;
          return std::make_shared<const std::vector<message>>(
              r.before ? store.before(r.room, *r.before, r.limit)
                       : store.after(r.room, r.after, r.limit));
        });
      },
      [self, guarded](const rooms_request& r) {
        return guarded([&]() -> page {
          return std::make_shared<const std::vector<message>>(
              self->state.store->newest(r.rooms, r.before, r.limit));
        });
      },
      [self, guarded](newest_atom) {
        return guarded([&] { return self->state.store->newest_id(); });
      },
      [](const heartbeat_request& r) { r.of->beat(); },
  };
}

} // namespace hubbub
