// The close code of a connection that has ended.
// Knows: RFC 6455, section 7.4, and which frames Beast closes for. Must not know: sessions.
#pragma once

#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <cstdint>

namespace hubbub {

/// Returns the close code that is counted for a connection. `why` is the error that ended reading;
/// `theirs` is the code of the peer's close frame, or 0 if the frame had none.
inline std::uint16_t close_code(boost::system::error_code why, std::uint16_t theirs) {
  namespace ws = boost::beast::websocket;
  if (why == ws::error::closed)
    return theirs ? theirs : std::uint16_t(ws::close_code::no_status);
  if (why == ws::error::message_too_big || why == ws::error::buffer_overflow)
    return ws::close_code::too_big;
  if (why == ws::error::bad_frame_payload)
    return ws::close_code::bad_payload;
  if (why == ws::condition::protocol_violation)
    return ws::close_code::protocol_error;
  return ws::close_code::abnormal;
}

} // namespace hubbub
