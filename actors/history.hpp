// Reads pages of history from the log, on a thread of its own.
// Knows: the log. Must not know: live traffic, encodings.
#pragma once

#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

struct history_state {
  std::unique_ptr<hubbub::log> log;
  retry_reason reason;
  static inline const char* name = "history";
};

/// To be spawned detached, because each request blocks for as long as the database does. Calls
/// `index_lost`, if it is not empty, when a search finds no index.
history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const log_factory& make,
                                     const std::function<void()>& index_lost);

} // namespace hubbub
