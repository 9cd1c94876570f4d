// Which pages may connect (RFC 6455, section 10.2).
// Knows: origins (RFC 6454), and the list of origins that an operator allows. Must not know: what a
// page connects to.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace hubbub {

/// The origins of ALLOWED_ORIGINS.
///
/// Threads: one thread adds all entries; after that all const calls may come from any thread.
/// Lifetime: a part of the settings, which live longer than the endpoints. Invariant: all entries
/// are in canonical form.
class allowed_origins {
public:
  /// Adds an entry:
  /// - `*` for every origin,
  /// - `null`, the origin of files and sandboxed frames,
  /// - `file://`,
  /// - `scheme://host`, with a port that is not the scheme's default,
  /// - `scheme://*.domain` for all hosts below a domain, at any depth, without the domain itself.
  ///
  /// Throws std::invalid_argument with a reason in one line for an entry that no page could have as
  /// its origin.
  void add(std::string_view entry);

  bool empty() const { return !any_ && exact_.empty() && subdomains_of_.empty(); }

  /// Returns whether the origin is on the list. Compares scheme, host (ignoring case) and port.
  bool contains(std::string_view origin) const;

private:
  bool any_ = false;
  std::set<std::string> exact_;         ///< Origins, and `null` and `file://`.
  std::set<std::string> subdomains_of_; ///< `scheme://.domain[:port]`.
};

/// Returns whether a request may connect: its origin is empty (it is not from a browser), is the
/// one that `host` names, or is on the list. A malformed origin and `null` are allowed only by the
/// list.
bool origin_allowed(std::string_view origin, std::string_view host, const allowed_origins& allowed);

} // namespace hubbub
