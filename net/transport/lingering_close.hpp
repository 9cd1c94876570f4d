// How a TCP connection ends so that its peer gets all that was written: HTTP's and WebSocket's way.
// Knows: shutdown and close. Must not know: what was said on the connection.
#pragma once

#include "net/transport/tcp_stream.hpp"

#include <chrono>

namespace hubbub {

/// Where many were told goodbye, each is heard at read_interval after so much: an honest peer has
/// little left to say, and a flood is to fill its own buffers.
inline constexpr int unpaced_reads = 64; ///< Reads.
inline constexpr std::chrono::milliseconds read_interval{100};

/// Says that no more will be sent, then reads and throws away what still comes, until the peer
/// does the same or for four seconds, then closes and calls `closed`. A close with unread input
/// resets the connection, and may eat what the peer has not read yet (RFC 9112, section 9.6;
/// RFC 6455, section 7.1.1). On the thread of the line's io_context.
void close_after_reading(tcp_stream peer, completion<boost::system::error_code> closed);

} // namespace hubbub
