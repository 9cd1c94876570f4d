// How a TCP connection ends so that its peer gets all that was written: HTTP's and WebSocket's way.
// Knows: shutdown and close. Must not know: what was said on the connection.
#pragma once

#include "net/completion.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace hubbub {

using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Says that no more will be sent, then reads and throws away what still comes, until the peer
/// does the same or for four seconds, then closes and calls `closed`. A close with unread input
/// resets the connection, and may eat what the peer has not read yet (RFC 9112, section 9.6;
/// RFC 6455, section 7.1.1). On the thread of the socket's io_context; holds 16 KiB.
void linger(tcp_socket socket, completion<boost::system::error_code> closed);

} // namespace hubbub
