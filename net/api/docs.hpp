// The pages about the API, /docs and /redoc, the descriptions that they show, and /ops, which shows
// how the hub is.
// Knows: which path is which file, and what each page may do in a browser. Must not know: HTTP
// messages, what the descriptions say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

struct document {
  std::string file;                ///< Relative to the folder of the descriptions; may not exist.
  const char* policy;              ///< For Content-Security-Policy.
  std::string_view package;        ///< A file that the page is nothing without; empty: none.
  std::string_view missing_notice; ///< For a person, when that file is not there.
};

/// The document at a path, already decoded; nothing, if the path is not one of theirs.
std::optional<document> find_document(std::string_view path);

} // namespace hubbub
