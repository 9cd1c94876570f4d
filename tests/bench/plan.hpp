// What one run of the load generator does.
// Knows: options. Must not know: how anything is measured.
#pragma once

#include "call_counters.hpp"
#include "client_pool.hpp"

#include <cstddef>

#include <sys/types.h>

namespace bench {

struct plan {
  client_pool::target where;
  std::vector<pid_t> servers;
  pid_t database = 0;              ///< The parent of its processes, if it is measured too.
  const counts* counted = nullptr; ///< Kept by the server, see call_counters.cpp.
  std::size_t connections = 2;
  std::size_t subscriptions = 1; ///< Each client is in the rooms 0 … subscriptions - 1.
  double seconds = 1;            ///< Of measuring, after a warm-up of a quarter of it.
  std::size_t senders = 0;       ///< How many connections send, in turn. 0: all.
  std::size_t in_flight = 0;     ///< Keeps this many messages in flight,
  double rate = 0;               ///< or sends this many messages a second.
};

} // namespace bench
