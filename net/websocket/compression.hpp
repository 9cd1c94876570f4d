// The hub's answer to an offer of permessage-deflate (RFC 7692).
// Knows: offers and their parameters. Must not know: sessions, what is compressed.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/websocket/option.hpp>

namespace hubbub {

/// Returns the options that the hub agrees to. Neither side keeps a context from one message to the
/// next: one compressed message serves all readers, and an idle client costs no window. The hub
/// declines an offer whose `server_max_window_bits` is below the window of the shared compressor.
boost::beast::websocket::permessage_deflate
negotiate_deflate(const boost::beast::http::fields& request);

} // namespace hubbub
