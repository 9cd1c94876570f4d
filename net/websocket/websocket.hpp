// Beast's WebSocket stream over a write_queue, with a small read buffer: most connections are idle.
// Knows: an internal buffer type of Beast. Must not know: sessions.
#pragma once

#include "net/websocket/write_queue.hpp"

#include <boost/beast/core/static_buffer.hpp>

namespace hubbub {

/// The size of a stream's read buffer in bytes. A control frame fits into it (at most 139 bytes:
/// RFC 6455, section 5.5), and so do some usual messages. The rest of a longer message is read
/// directly into the message.
inline constexpr std::size_t read_ahead = 416;

} // namespace hubbub

/// The read buffer of Beast's stream. Beast's own size cannot be set, and would be most of the
/// memory of an idle connection. This specialization must come before Beast's stream, so only this
/// file may include the stream.
template<>
class boost::beast::static_buffer<1536> : public static_buffer_base {
public:
  static_buffer() noexcept : static_buffer_base(bytes_, sizeof bytes_) {}

private:
  char bytes_[hubbub::read_ahead];
};

#include <boost/beast/websocket/stream.hpp>

namespace hubbub {

/// The hub sends no message through the stream, so the stream never compresses.
using websocket = boost::beast::websocket::stream<write_queue, true>;

} // namespace hubbub
