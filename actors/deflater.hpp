// Compresses messages that were encoded once, so that each is also compressed only once.
// Knows: permessage-deflate as a server without context takeover writes it (RFC 7692, section 7).
// Must not know: which clients have offered the extension.
#pragma once

#include "actors/tail.hpp"

#include <memory>

struct z_stream_s;

namespace hubbub {

/// Compresses each message on its own (no context takeover), so that the bytes are the same for
/// all readers. Threads: may be used by one thread at a time.
class deflater {
public:
  /// The LZ77 window of 2^12 bytes. A client's bound on the window (`server_max_window_bits`) must
  /// be at least this.
  static constexpr int window_bits = 12;

  deflater();
  ~deflater();
  deflater(const deflater&) = delete;

  /// Returns the same frames with compressed payloads. A message that compression does not make
  /// smaller stays as it is.
  chunk operator()(const encoded& plain);

private:
  std::string_view deflated(std::string_view payload);

  std::unique_ptr<z_stream_s> stream_;
  std::string out_; ///< The buffer of the last result of `deflated`.
};

} // namespace hubbub
