// A file that a setting names.
// Knows: how to read it, and why it cannot be. Must not know: what is in it.
#pragma once

#include <filesystem>
#include <string>

namespace hubbub {

/// All that is in it. Throws std::invalid_argument with the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

} // namespace hubbub
