#include "actors/history.hpp"

#include "actors/wire_data.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

page make_page(std::vector<message> rows) {
  wire::drop_malformed_data(rows);
  return std::make_shared<const std::vector<message>>(std::move(rows));
}

std::vector<message> read(log& from, const page_request& r) {
  if (r.search)
    return from.search(r.room, *r.search, r.before.value_or(no_end), r.limit);
  if (r.before)
    return from.before(r.room, *r.before, r.limit);
  return from.after(r.room, r.at ? from.cursor_at(r.room, *r.at) : r.after, r.limit);
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
        return guarded([&]() -> page { return make_page(read(*self->state.log, r)); });
      },
      [self, guarded](const rooms_request& r) {
        return guarded(
            [&] { return make_page(self->state.log->newest(r.rooms, r.before, r.limit)); });
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
