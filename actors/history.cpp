#include "actors/history.hpp"

#include "actors/wire_data.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

log_page read(log& from, const page_request& r) {
  const page_limit most{r.limit, r.bytes};
  if (r.search)
    return from.search(r.room, *r.search, r.before.value_or(no_end), most);
  if (r.before)
    return from.before(r.room, *r.before, most);
  return from.after(r.room, r.at ? from.cursor_at(r.room, *r.at) : r.after, most);
}

} // namespace

history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const log_factory& make,
                                     const std::function<void()>& index_lost) {
  self->state.log = make();
  const auto guarded = [self, index_lost](auto act) -> caf::result<decltype(act())> {
    try {
      auto rows = act();
      if (self->state.reason.clear())
        spdlog::info("messages can be read again");
      return rows;
    } catch (const search_failed& e) { // everything else can be read
      if (e.index_missing && index_lost)
        index_lost();
      return caf::make_error(caf::sec::runtime_error, e.what());
    } catch (const std::exception& e) {
      if (self->state.reason.is_new(e.what()))
        spdlog::warn("messages cannot be read for now: {}", e.what());
      return caf::make_error(caf::sec::runtime_error, e.what());
    }
  };
  return {
      [self, guarded](const page_request& r) {
        return guarded([&]() -> page {
          auto rows = read(*self->state.log, r);
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
