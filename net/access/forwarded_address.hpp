// Who is behind a proxy, as X-Forwarded-For says.
// Knows: whom of those on the way to believe. Must not know: what becomes of who it is.
#pragma once

#include "net/access/network.hpp"
#include "net/http/request_head.hpp"

namespace hubbub {

/// The nearest address on the way that is not a trusted proxy's: the peer's own, or the right-most
/// such of X-Forwarded-For, whose fields are one list (RFC 9110, section 5.3) to which each proxy
/// adds whom it heard; what stands further left is anybody's word. If all are trusted, the
/// left-most. Ports and brackets are passed over. Where an element that counts is no address, the
/// peer's own. `Forwarded` (RFC 7239) is not read: two headers may differ, and one could be the
/// client's.
ip client_address(const ip& peer, const request_head& head, const networks& trusted);

} // namespace hubbub
