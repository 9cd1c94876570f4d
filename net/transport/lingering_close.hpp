// The lingering close of HTTP and WebSocket: the peer receives all that was written before.
// Knows: shutdown and close. Must not know: what was sent on the connection.
#pragma once

#include "net/transport/tcp_stream.hpp"

#include <chrono>

namespace hubbub {

/// While many connections of a thread linger, each of them is read only once per `read_interval`
/// after its first `unpaced_reads` reads. An honest peer has little left to send; the data of a
/// flooding peer then stays in the peer's own buffers.
inline constexpr int unpaced_reads = 64;
inline constexpr std::chrono::milliseconds read_interval{100};

/// Shuts down sending, reads and discards input until the peer shuts down too, for four seconds at
/// most, then closes the socket and calls `closed`. A close with unread input would reset the
/// connection, and the peer might lose data that it has not read yet (RFC 9112, section 9.6;
/// RFC 6455, section 7.1.1). Threads: the thread of the stream's io_context.
void close_after_reading(tcp_stream peer, completion<boost::system::error_code> closed);

} // namespace hubbub
