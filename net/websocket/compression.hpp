// What we agree to when a client offers permessage-deflate (RFC 7692).
// Knows: offers. Must not know: sessions, what is compressed.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/websocket/option.hpp>

namespace hubbub {

/// No context is kept from message to message, in either direction: so that what we write is the
/// same for all, and that a client that once wrote costs little. An offer that allows us less of a
/// window than the one compressor of all has is declined, as anything that is no offer is.
boost::beast::websocket::permessage_deflate
negotiate_deflate(const boost::beast::http::fields& request);

} // namespace hubbub
