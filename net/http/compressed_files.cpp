#include "net/http/compressed_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace hubbub {

namespace {

constexpr std::size_t max_file = 256 << 10; ///< Bytes; an I/O thread waits for the compression.
constexpr std::size_t max_total = 4 << 20;  ///< Bytes of all compressed files.

/// Returns whether files of this type become smaller. Images, sounds and fonts are compressed
/// already.
bool is_compressible(std::string_view type) {
  static constexpr std::array text{std::string_view("text/"), std::string_view("application/json"),
                                   std::string_view("application/manifest+json"),
                                   std::string_view("application/yaml"),
                                   std::string_view("image/svg+xml")};
  return std::any_of(text.begin(), text.end(), [&](auto kind) { return type.starts_with(kind); });
}

} // namespace

std::shared_ptr<const std::string> compressed_files::find(const public_file& file,
                                                          content_coding coding) {
  std::error_code ec;
  if (!is_compressible(file.type) || std::filesystem::file_size(file.path, ec) > max_file || ec)
    return {};
  const std::pair key(file.path.string(), coding);
  {
    const mutex_lock lock(mutex_);
    if (const auto at = entries_.find(key); at != entries_.end() && at->second.tag == file.tag)
      return at->second.bytes;
  }
  std::ifstream in(file.path, std::ios::binary);
  auto made = compress(std::string(std::istreambuf_iterator<char>(in), {}), coding,
                       compression_effort::once);
  if (!in)
    made.clear();
  const mutex_lock lock(mutex_);
  auto& found = entries_[key];
  if (found.tag == file.tag) // another thread was faster
    return found.bytes;
  total_bytes_ -= found.bytes ? found.bytes->size() : 0;
  found = {file.tag, {}};
  if (made.empty() || total_bytes_ + made.size() > max_total)
    return {};
  total_bytes_ += made.size();
  found.bytes = std::make_shared<const std::string>(std::move(made));
  return found.bytes;
}

} // namespace hubbub
