#include "net/http/files.hpp"

#include <algorithm>
#include <array>

namespace hubbub {

namespace fs = std::filesystem;

namespace {

std::string_view content_type(const fs::path& file) {
  struct entry {
    std::string_view extension, type;
  };
  static constexpr std::array types{
      entry{".html", "text/html; charset=utf-8"},
      entry{".css", "text/css; charset=utf-8"},
      entry{".js", "text/javascript; charset=utf-8"},
      entry{".mjs", "text/javascript; charset=utf-8"},
      entry{".json", "application/json"},
      entry{".map", "application/json"},
      entry{".webmanifest", "application/manifest+json"},
      entry{".yaml", "application/yaml"},
      entry{".txt", "text/plain; charset=utf-8"},
      entry{".svg", "image/svg+xml"},
      entry{".png", "image/png"},
      entry{".jpg", "image/jpeg"},
      entry{".jpeg", "image/jpeg"},
      entry{".gif", "image/gif"},
      entry{".webp", "image/webp"},
      entry{".ico", "image/x-icon"},
      entry{".woff2", "font/woff2"},
      entry{".woff", "font/woff"},
      entry{".wasm", "application/wasm"},
      entry{".mp3", "audio/mpeg"},
      entry{".ogg", "audio/ogg"},
  };
  const auto extension = file.extension().string();
  const auto at = std::find_if(types.begin(), types.end(),
                               [&](const entry& e) { return e.extension == extension; });
  return at == types.end() ? "application/octet-stream" : at->type;
}

bool is_safe_path(std::string_view name) {
  if (name.empty() || name.find_first_of(std::string_view("\\\0", 2)) != name.npos)
    return false;
  for (std::size_t from = 0; from <= name.size();) {
    const auto to = std::min(name.find('/', from), name.size());
    if (to == from || name[from] == '.') // empty, `.`, `..` and dot files
      return false;
    from = to + 1;
  }
  return true;
}

} // namespace

std::optional<public_file> find_file(const fs::path& folder, std::string_view name) {
  if (folder.empty() || !is_safe_path(name)) // an empty folder would be the working directory
    return {};
  std::error_code ec;
  const auto path = fs::canonical(folder / name, ec);
  if (ec ||
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first != folder.end())
    return {};
  if (!fs::is_regular_file(path, ec))
    return {};
  const auto size = fs::file_size(path, ec);
  const auto changed = fs::last_write_time(path, ec).time_since_epoch().count();
  if (ec)
    return {};
  return public_file{path, content_type(path),
                     '"' + std::to_string(changed) + '-' + std::to_string(size) + '"'};
}

} // namespace hubbub
