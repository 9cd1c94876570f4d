// Beast's WebSocket over our pipe, made small: thousands are open at once, and most of them idle.
// Knows: one inside of Beast. Must not know: sessions.
#pragma once

#include "net/websocket/write_queue.hpp"

#include <boost/beast/core/static_buffer.hpp>

namespace hubbub {

/// Bytes that a stream holds of what its peer says next. A control frame fits (at most 139 bytes:
/// RFC 6455, section 5.5), and so do a few usual messages; what is longer is read past it, straight
/// to where it belongs.
inline constexpr std::size_t read_ahead = 512;

} // namespace hubbub

/// What Beast's stream reads into. Its own size would be most of what an idle connection costs, and
/// cannot be set. Every file that includes the stream must see this first, so this file alone does.
template<>
class boost::beast::static_buffer<1536> : public static_buffer_base {
public:
  static_buffer() noexcept : static_buffer_base(bytes_, sizeof bytes_) {}

private:
  char bytes_[hubbub::read_ahead];
};

#include <boost/beast/websocket/stream.hpp>

namespace hubbub {

/// Its own writes are never compressed: it sends no message.
using websocket = boost::beast::websocket::stream<write_queue, true>;

} // namespace hubbub
