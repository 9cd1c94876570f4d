// Frames that were encoded once, compressed once.
// Knows: permessage-deflate as a server without context takeover writes it (RFC 7692, section 7).
// Must not know: who offered it.
#pragma once

#include "actors/tail.hpp"

#include <memory>

struct z_stream_s;

namespace hubbub {

/// Each message is compressed on its own, so that the bytes are the same for all who read them.
/// Used by one thread at a time.
class deflater {
public:
  /// A peer that bounds our window (`server_max_window_bits`) must allow this.
  static constexpr int window_bits = 12;

  deflater();
  ~deflater();
  deflater(const deflater&) = delete;

  /// The same rows. A message that does not get smaller stays as it is.
  chunk operator()(const encoded& plain);

private:
  std::string_view deflated(std::string_view payload);

  std::unique_ptr<z_stream_s> stream_;
  std::string out_;
};

} // namespace hubbub
