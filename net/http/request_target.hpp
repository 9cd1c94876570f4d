// The target of a request: a path, and the parameters of its query.
// Knows: the origin form of RFC 9112, the characters that the WHATWG URL standard does not encode.
// Must not know: which paths exist, what parameters mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

struct query_parameter {
  std::string name, value; ///< Decoded; may hold any bytes, also NUL and invalid UTF-8.
};

struct request_target {
  std::string path;          ///< Decoded; a slash, and then any bytes.
  bool slashes_plain = true; ///< No slash of the path was encoded as `%2F`.
  std::vector<query_parameter> query;

  /// Returns the value of the first parameter of that name, or null.
  const std::string* find(std::string_view name) const;
};

/// Parses a target in origin form (RFC 9112, section 3.2.1). The path may hold the characters that
/// the URL standard leaves unencoded (section 4.1 of https://url.spec.whatwg.org), so also
/// `[ ] | ^` and a `%` without two digits. The query may hold any visible ASCII character except
/// `#`, and is decoded as a form (section 5.1: `+` is a space).
///
/// Returns nothing for another form, for a fragment, controls, and bytes above ASCII, and for a
/// path with any of `" < > \ { }` or a backtick.
std::optional<request_target> parse_target(std::string_view target);

} // namespace hubbub
