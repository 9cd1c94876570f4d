// The I/O threads of a hub, by its settings.
// Knows: which settings concern an I/O thread. Must not know: sockets.
#pragma once

#include "net/server/options.hpp"
#include "net/websocket/io_thread.hpp"

namespace hubbub {

/// Makes THREADS I/O threads with the names "io 1", "io 2" and so on. None of them runs yet.
io_threads make_io_threads(const options& settings, const std::shared_ptr<hub_counters>& counters,
                           const std::shared_ptr<memory_budget>& memory);

} // namespace hubbub
