// A temporary folder. Must not know the files in it.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace test {

/// A new empty folder that only its user can read. The destructor removes it with all its files.
class temp_dir {
public:
  temp_dir() {
    std::string path = std::filesystem::temp_directory_path() / "hubbub-test-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr)
      throw std::system_error{errno, std::generic_category(), "mkdtemp " + path};
    path_ = path;
  }
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file, creates the folders of its path if necessary, and returns the path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view bytes) const {
    auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    if (!(std::ofstream{file, std::ios::binary} << bytes << std::flush))
      throw std::runtime_error{"cannot write " + file.string()};
    return file;
  }

private:
  std::filesystem::path path_;
};

} // namespace test
