// The address of a client behind trusted proxies, from X-Forwarded-For.
// Knows: which addresses are trusted. Must not know: what is done with the address.
#pragma once

#include "net/access/network.hpp"
#include "net/http/request_head.hpp"

namespace hubbub {

/// Returns the nearest address that is not a trusted proxy: the peer's address, or the right-most
/// such address in X-Forwarded-For. All fields of this name are one list (RFC 9110, section 5.3).
/// Each proxy appends the address of its own peer, so a client can forge everything further left.
/// If all addresses are trusted, returns the left-most one.
///
/// Ports and brackets are ignored. If an element that must be read is not an address, returns the
/// peer's address. `Forwarded` (RFC 7239) is not read: the two headers may differ, and the client
/// may have set one of them.
ip client_address(const ip& peer, const request_head& head, const networks& trusted);

} // namespace hubbub
