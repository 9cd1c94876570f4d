// The pages /docs, /redoc and /ops, and the API descriptions that the first two show.
// Knows: the file and the Content-Security-Policy of each path. Must not know: HTTP messages, what
// the descriptions say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

struct document {
  std::string file;                ///< Relative to the folder of the descriptions; may not exist.
  const char* policy;              ///< For Content-Security-Policy.
  std::string_view package;        ///< A file without which the page does not work; empty: none.
  std::string_view missing_notice; ///< The error text when `package` does not exist.
};

/// Returns the document at a decoded path; nothing if no document has that path.
std::optional<document> find_document(std::string_view path);

} // namespace hubbub
