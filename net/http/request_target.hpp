// The target of a request: a path and the parameters of its query, as browsers write them.
// Knows: RFC 9112's origin form, the characters that the WHATWG URL standard leaves as they are.
// Must not know: which paths there are, what parameters mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

struct query_parameter {
  std::string name, value; ///< Decoded: any bytes, NUL and broken UTF-8 too.
};

struct request_target {
  std::string path;          ///< Decoded: any bytes behind a first slash.
  bool slashes_plain = true; ///< No slash of the path was written as `%2F`.
  std::vector<query_parameter> query;

  /// The value of the first parameter of that name; null, if there is none.
  const std::string* find(std::string_view name) const;
};

/// Reads a target in origin form (RFC 9112, section 3.2.1). In the path stands what the URL
/// standard leaves unencoded there (section 4.1 of https://url.spec.whatwg.org: `[ ] | ^` and a `%`
/// that begins no pair of digits, too), and in the query any visible ASCII character but `#`. The
/// query is read as a form (section 5.1: `+` is a space). Nothing, if it is no such target: a
/// fragment, controls, bytes past ASCII, and in the path any of `" < > \ { }` and the backtick.
std::optional<request_target> parse_target(std::string_view target);

} // namespace hubbub
