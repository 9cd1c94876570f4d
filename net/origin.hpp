// Which pages may connect (RFC 6455, section 10.2).
// Knows: origins. Must not know: what they connect to.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace hubbub {

/// True for no origin (no browser), for the origin that `host` names, for those on the list, and
/// for all if `*` is on it. `null` and what is no origin are foreign.
bool origin_allowed(std::string_view origin, std::string_view host,
                    const std::set<std::string>& allowed);

} // namespace hubbub
