// The load scenarios: what the clients do to a server, and what is measured meanwhile.
// Knows: rates, windows and figures. Must not know: frames, or which server it is.
#pragma once

#include "plan.hpp"

namespace bench {

/// Sends messages, checks every delivery, and prints "name<TAB>value" lines: messages and
/// deliveries a second, CPU time and bytes for each delivery, the latency from the sender to the
/// other receivers (at the same server and, as "across", at other servers), and the counted calls.
/// Throws a fault if a delivery is lost, repeated or out of order, or if none comes for ten
/// seconds.
void traffic(const plan& p, protocol& protocol);

/// Every client connects, sends one message, receives those of its room and leaves. Prints the CPU
/// time of opening a connection, and the memory while the clients are connected and after the
/// server has closed every connection.
void visit(const plan& p, protocol& protocol);

/// Opens connections with one room each, and then subscribes them to the other rooms. Prints the
/// CPU time and the memory of a further subscription, and the CPU time of all connections with all
/// their subscriptions.
void subscribe(const plan& p, protocol& protocol);

/// Opens connections and sends nothing. Prints the memory of a connection, the CPU time of opening
/// it, and the CPU time of idle connections.
void silence(const plan& p, protocol& protocol);

} // namespace bench
