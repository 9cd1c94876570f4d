// Makes the index for searches beside everything else.
// Knows: when a step of the index is due. Must not know: what a step does.
#pragma once

#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"
#include "actors/search_state.hpp"
#include "storage/search_index.hpp"

namespace hubbub {

struct indexer_state {
  retry_reason reason;
  std::chrono::milliseconds retry_pause{2000}; ///< After the next failure.
  bool announced = false;                      ///< The log says that the index is being made.
  static inline const char* name = "indexer";
};

/// To be spawned detached, because a step blocks. Begins with an `index` message. When the index is
/// ready, another `index` message begins anew. Call `search_index::stop` before the actor is
/// stopped.
indexer_actor::behavior_type indexer(indexer_actor::stateful_pointer<indexer_state> self,
                                     std::shared_ptr<search_index> index,
                                     std::shared_ptr<search_state> search);

} // namespace hubbub
