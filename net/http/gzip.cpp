#include "net/http/gzip.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace hubbub {

namespace {

namespace zlib = boost::beast::zlib;

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

void append_little_endian(std::string& to, std::uint32_t number) {
  for (int i = 0; i < 4; ++i)
    to += char(number >> (8 * i) & 0xff);
}

std::string gzip(const std::string& plain) {
  zlib::deflate_stream deflate;
  deflate.reset(9, 15, 9, zlib::Strategy::normal);
  // No name, no time, best compression, unknown system.
  std::string out("\x1f\x8b\x08\0\0\0\0\0\x02\xff", 10);
  const auto head = out.size();
  out.resize(head + deflate.upper_bound(plain.size()));
  zlib::z_params z{};
  z.next_in = plain.data();
  z.avail_in = plain.size();
  z.next_out = out.data() + head;
  z.avail_out = out.size() - head;
  boost::system::error_code ec;
  deflate.write(z, zlib::Flush::finish, ec);
  if (ec != zlib::error::end_of_stream)
    return {};
  out.resize(head + z.total_out);
  boost::crc_32_type crc;
  crc.process_bytes(plain.data(), plain.size());
  append_little_endian(out, crc.checksum());
  append_little_endian(out, std::uint32_t(plain.size()));
  return out;
}

std::string_view trim(std::string_view text) {
  const auto from = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

} // namespace

bool accepts_gzip(std::string_view accepted) {
  bool any = false;
  while (!accepted.empty()) {
    const auto end = std::min(accepted.find(','), accepted.size());
    auto item = accepted.substr(0, end);
    accepted.remove_prefix(std::min(end + 1, accepted.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const auto name = trim(item.substr(0, semicolon));
    auto weight = trim(item.substr(std::min(semicolon + 1, item.size())));
    const bool refused = weight.size() > 2 && (weight[0] == 'q' || weight[0] == 'Q') &&
                         weight[1] == '=' && weight.find_first_not_of("0.", 2) == weight.npos;
    if (name == "gzip" || name == "x-gzip")
      return !refused;
    if (name == "*")
      any = !refused;
  }
  return any;
}

std::shared_ptr<const std::string> gzip_files::compressed(const public_file& file) {
  std::error_code ec;
  if (!is_compressible(file.type) || std::filesystem::file_size(file.path, ec) > max_file || ec)
    return {};
  const mutex_lock lock(mutex_);
  auto& found = entries_[file.path.string()];
  if (found.tag == file.tag)
    return found.bytes;
  total_bytes_ -= found.bytes ? found.bytes->size() : 0;
  found = {file.tag, {}};
  std::ifstream in(file.path, std::ios::binary);
  auto made = gzip({std::istreambuf_iterator<char>(in), {}});
  if (!in || made.empty() || total_bytes_ + made.size() > max_total)
    return {};
  total_bytes_ += made.size();
  found.bytes = std::make_shared<const std::string>(std::move(made));
  return found.bytes;
}

} // namespace hubbub
