// What the swarm does to a server and what is measured meanwhile.
// Knows: rates, windows and figures. Must not know: frames, or which server it is.
#pragma once

#include "counts.hpp"
#include "swarm.hpp"

#include <cstddef>
#include <cstdint>

#include <sys/types.h>

namespace bench {

struct plan {
  swarm::place where;
  std::vector<pid_t> servers;
  pid_t database = 0;              ///< the parent of its processes, if it is to be measured too
  const counts* counted = nullptr; ///< by the server, see counts.cpp
  std::size_t connections = 2;
  double seconds = 1;        ///< of measuring, after a warm-up of a quarter of it
  std::size_t senders = 0;   ///< the first so many of the connections speak in turn; 0: all
  std::size_t in_flight = 0; ///< a new message as soon as one has come to everybody; or
  double rate = 0;           ///< so many a second, whatever comes back
};

/// Sends, checks every delivery and prints "name<TAB>value" lines: messages and deliveries a
/// second, CPU and bytes a delivery, latency from sender to every other receiver (at the same
/// server and, "across", at others), and what was counted. Throws a fault when a delivery is lost,
/// doubled or out of order, or stays away for ten seconds.
void traffic(const plan& p, dialect& language);

/// Everybody comes, says one thing, hears the room and goes; prints CPU of an open, and memory
/// while they are there and when the server has closed every line.
void visit(const plan& p, dialect& language);

/// Opens and then says nothing; prints memory and CPU of an open, and CPU of doing nothing.
void silence(const plan& p, dialect& language);

} // namespace bench
