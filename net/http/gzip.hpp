// The public files compressed (RFC 1952), for those who take them so.
// Knows: gzip, Accept-Encoding, what is kept. Must not know: HTTP messages, who asks.
#pragma once

#include "net/http/files.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>

namespace hubbub {

/// Whether an Accept-Encoding field takes gzip (RFC 9110, section 12.5.3).
bool accepts_gzip(std::string_view accepted);

/// Compresses each version of a file once and keeps it, up to a few MiB in all. Safe from any
/// thread; the first one to ask for a file waits for it, a millisecond for most.
class gzip_files {
public:
  /// The file compressed; null if its type gains nothing, it cannot be read, or there is no room.
  std::shared_ptr<const std::string> compressed(const public_file& file);

private:
  struct entry {
    std::string tag;
    std::shared_ptr<const std::string> bytes;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
  std::size_t total_bytes_ = 0;
};

} // namespace hubbub
