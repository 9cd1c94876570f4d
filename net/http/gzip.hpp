// The public files in compressed form (RFC 1952).
// Knows: gzip, Accept-Encoding, the cache. Must not know: HTTP messages, clients.
#pragma once

#include "net/http/files.hpp"
#include "storage/thread_safety.hpp"

#include <memory>
#include <unordered_map>

namespace hubbub {

/// Returns whether an Accept-Encoding field accepts gzip (RFC 9110, section 12.5.3).
bool accepts_gzip(std::string_view accepted);

/// Compresses each version of a file once and caches the result, up to 4 MiB in all.
///
/// Threads: all calls may come from any thread. A call that compresses takes about a millisecond
/// for most files, and calls for other files wait meanwhile. Invariant: `total_bytes_` is the size
/// of all cached results.
class gzip_files {
public:
  /// Returns the compressed file. Null if compression gains nothing for its type, if the file is
  /// over 256 KiB or cannot be read, or if the cache is full.
  std::shared_ptr<const std::string> compressed(const public_file& file);

private:
  struct entry {
    std::string tag;
    std::shared_ptr<const std::string> bytes;
  };

  annotated_mutex mutex_;
  std::unordered_map<std::string, entry> entries_ HUBBUB_GUARDED_BY(mutex_); ///< By path.
  std::size_t total_bytes_ HUBBUB_GUARDED_BY(mutex_) = 0;
};

} // namespace hubbub
