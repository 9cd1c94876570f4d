#include "actors/history.hpp"

#include "actors/wire_data.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const log_factory& make) {
  self->state.log = make();
  const auto guarded = [self](auto act) -> caf::result<decltype(act())> {
    try {
      auto rows = act();
      if (self->state.reason.clear())
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
          auto& log = *self->state.log;
          const page_limit most{r.limit, r.bytes};
          auto rows =
              r.before ? log.before(r.room, *r.before, most) : log.after(r.room, r.after, most);
          wire::drop_malformed_data(rows);
          return std::make_shared<const log_page>(std::move(rows));
        });
      },
      [self, guarded](const rooms_request& r) {
        return guarded([&]() -> first_pages {
          const page_limit most{r.limit, client_page_bytes};
          auto pages = self->state.log->newest(r.rooms, r.before, most, r.total_bytes);
          for (auto& rows : pages)
            wire::drop_malformed_data(rows);
          return std::make_shared<const std::vector<log_page>>(std::move(pages));
        });
      },
      [self, guarded](const count_request& r) {
        return guarded([&] {
          return self->state.log->count(r.room, r.after, r.last, resume_limit::max_count);
        });
      },
      [self, guarded](newest_atom) {
        return guarded([&] { return self->state.log->newest_id(); });
      },
      [](const heartbeat_request& r) { r.heartbeat->beat(); },
  };
}

} // namespace hubbub
