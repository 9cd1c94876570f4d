// Pages of the past, read on a thread of their own.
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

/// Spawn detached: every page blocks for as long as the database does.
history_actor::behavior_type history(history_actor::stateful_pointer<history_state> self,
                                     const log_factory& make);

} // namespace hubbub
