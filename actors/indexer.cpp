#include "actors/indexer.hpp"

#include "storage/log.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

/// The pause after a step leaves the lock of SQLite to appends.
constexpr std::chrono::milliseconds step_pause{20}, look_pause{500};

/// A build that fails may have filled the disk, so the pause after a failure doubles up to this.
constexpr std::chrono::minutes longest_retry_pause{10};

void do_step(indexer_actor::stateful_pointer<indexer_state> self, search_index& index,
             search_state& search) {
  auto& me = self->state;
  switch (index.step()) {
  case index_progress::done:
    index.close();
    me.announced = false;
    me.retry_pause = indexer_state().retry_pause;
    search.set_ready();
    return spdlog::info("messages can be searched");
  case index_progress::working:
    if (!std::exchange(me.announced, true))
      spdlog::info("the index for searches is being made");
    self->delayed_send(self, step_pause, index_atom_v);
    break;
  case index_progress::waiting:
    self->delayed_send(self, look_pause, index_atom_v);
    break;
  }
  me.reason.clear();
}

} // namespace

indexer_actor::behavior_type indexer(indexer_actor::stateful_pointer<indexer_state> self,
                                     std::shared_ptr<search_index> index,
                                     std::shared_ptr<search_state> search) {
  return {[self, index = std::move(index), search = std::move(search)](index_atom) {
    try {
      do_step(self, *index, *search);
    } catch (const log_shutdown&) { // the hub ends
    } catch (const log_unavailable& e) {
      if (self->state.reason.is_new(e.what()))
        spdlog::warn("the index for searches cannot be made for now: {}", e.what());
      auto& pause = self->state.retry_pause;
      self->delayed_send(self, pause, index_atom_v);
      pause = std::min<std::chrono::milliseconds>(2 * pause, longest_retry_pause);
    }
  }};
}

} // namespace hubbub
