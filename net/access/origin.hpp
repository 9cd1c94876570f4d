// Which pages may connect (RFC 6455, section 10.2).
// Knows: origins (RFC 6454), and the list of those that an operator allows. Must not know: what
// pages connect to.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace hubbub {

/// The origins of ALLOWED_ORIGINS. Any thread may ask, once all are added.
class allowed_origins {
public:
  /// An entry: `*` for every origin; `null`, the origin of files and sandboxed frames; `file://`;
  /// `scheme://host` with a port, if it is not the scheme's default; or `scheme://*.domain` for all
  /// hosts below a domain, at any depth, but not for the domain itself. Throws
  /// std::invalid_argument with a reason in one line, if no page could ever have such an origin.
  void add(std::string_view entry);

  bool empty() const { return !any_ && exact_.empty() && subdomains_of_.empty(); }

  /// Compares scheme, host (in any case of letters) and port.
  bool contains(std::string_view origin) const;

private:
  bool any_ = false;
  std::set<std::string> exact_;         ///< In canonical form.
  std::set<std::string> subdomains_of_; ///< `scheme://.domain[:port]`, in canonical form.
};

/// True for no origin (no browser), for the origin that `host` names, and for those allowed. A
/// malformed origin is foreign, and so is `null`, unless it is on the list.
bool origin_allowed(std::string_view origin, std::string_view host, const allowed_origins& allowed);

} // namespace hubbub
