// permessage-deflate (RFC 7692) without context takeover: every message is compressed on its own.
// Knows: zlib. Must not know: frames or negotiation.
#pragma once

#include "delivery_checker.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

#include <zlib.h>

namespace bench {

/// The end of every compressed message, which is not transmitted (section 7.2.1).
inline constexpr std::string_view sync_tail{"\0\0\xff\xff", 4};

/// Decompression (section 7.2.2) with a window of 32 KiB, which a client needs unless it asked for
/// less.
class inflater {
public:
  inflater() { inflateInit2(&z_, -15); }
  ~inflater() { inflateEnd(&z_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// The decompressed message, valid until the next call. Throws a fault if the bytes are not a
  /// complete message. Results are cached, because all clients of a room get the same bytes.
  std::string_view inflate(std::string_view bytes) {
    if (const auto known = known_.find(bytes); known != known_.end())
      return known->second;
    if (known_.size() == memory)
      known_.clear();
    return known_.emplace(bytes, whole(std::string(bytes).append(sync_tail))).first->second;
  }

private:
  static constexpr std::size_t memory = 4096; // messages

  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::string whole(std::string bytes) {
    std::string out;
    inflateReset(&z_);
    z_.next_in = reinterpret_cast<Bytef*>(bytes.data());
    z_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const auto have = out.size();
      out.resize(have + 1024);
      z_.next_out = reinterpret_cast<Bytef*>(out.data() + have);
      z_.avail_out = 1024;
      if (const int status = ::inflate(&z_, Z_SYNC_FLUSH); status != Z_OK && status != Z_BUF_ERROR)
        throw fault("a message does not inflate: " + std::string(z_.msg ? z_.msg : "it ends"));
      out.resize(out.size() - z_.avail_out);
    } while (z_.avail_out == 0);
    return out;
  }

  z_stream z_{};
  std::unordered_map<std::string, std::string, hash, std::equal_to<>> known_;
};

/// Compression (section 7.2.1).
class deflater {
public:
  deflater() { deflateInit2(&z_, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY); }
  ~deflater() { deflateEnd(&z_); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  std::string deflate(std::string_view message) {
    deflateReset(&z_);
    std::string out(deflateBound(&z_, message.size()) + sync_tail.size(), '\0');
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
    z_.avail_in = static_cast<uInt>(message.size());
    z_.next_out = reinterpret_cast<Bytef*>(out.data());
    z_.avail_out = static_cast<uInt>(out.size());
    ::deflate(&z_, Z_SYNC_FLUSH);
    out.resize(out.size() - z_.avail_out - sync_tail.size());
    return out;
  }

private:
  z_stream z_{};
};

} // namespace bench
