// Reading of a file that a setting names.
// Knows: how to read a file, and why reading fails. Must not know: the meaning of the content.
#pragma once

#include <filesystem>
#include <string>

namespace hubbub {

/// Returns the whole content, up to 16 MiB. Throws std::invalid_argument with the path and the
/// system's reason.
std::string read_file(const std::filesystem::path& path);

} // namespace hubbub
