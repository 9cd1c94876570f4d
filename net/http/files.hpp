// The public files: maps the path of a URL to a file in one folder, and never to a file outside.
// Knows: paths, media types, tags. Must not know: HTTP messages.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

struct public_file {
  std::filesystem::path path; ///< Canonical, within the folder, a regular file.
  std::string_view type;      ///< For Content-Type.
  std::string tag;            ///< For ETag, with its quotation marks; changes when the file does.
};

/// Finds `name`, a decoded relative path, in the folder, which is a canonical path. Returns nothing
/// for `..`, dot files, backslashes, NULs, folders, and links that lead out of the folder. Costs a
/// few system calls.
std::optional<public_file> find_file(const std::filesystem::path& folder, std::string_view name);

} // namespace hubbub
