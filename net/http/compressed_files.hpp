// The public files in compressed form.
// Knows: which files become smaller, the cache. Must not know: formats, HTTP messages, clients.
#pragma once

#include "net/http/content_coding.hpp"
#include "net/http/files.hpp"
#include "storage/thread_safety.hpp"

#include <map>
#include <memory>
#include <utility>

namespace hubbub {

/// Compresses each version of a file in each coding when it is first asked for, and caches the
/// results, up to 4 MiB in all.
///
/// Threads: all calls may come from any thread. A call that compresses takes a few milliseconds for
/// most files, up to about a tenth of a second, and no other call waits meanwhile. Calls that come
/// at once may compress the same file, and all return the result of one of them. Invariant:
/// `total_bytes_` is the size of all cached results.
class compressed_files {
public:
  /// Returns the file in a coding that is not `identity`. Null if compression gains nothing for its
  /// type, if the file is over 256 KiB or cannot be read, or if the cache is full.
  std::shared_ptr<const std::string> find(const public_file& file, content_coding coding);

private:
  struct entry {
    std::string tag;
    std::shared_ptr<const std::string> bytes;
  };

  annotated_mutex mutex_;
  /// By path and coding.
  std::map<std::pair<std::string, content_coding>, entry> entries_ HUBBUB_GUARDED_BY(mutex_);
  std::size_t total_bytes_ HUBBUB_GUARDED_BY(mutex_) = 0;
};

} // namespace hubbub
