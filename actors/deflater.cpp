#include "actors/deflater.hpp"

#include "actors/frame_header.hpp"

#define ZLIB_CONST // makes the type of the input const
#include <zlib.h>

#include <new>

namespace hubbub {

namespace {

/// zlib's memLevel. Small tables, because they are cleared before each message, and messages are
/// small.
constexpr int memory_level = 5;

/// zlib ends a flush with the four bytes 00 00 ff ff. They are not sent (RFC 7692, section 7.2.1).
constexpr std::size_t flush_mark = 4;

/// The bytes of the output buffer that are kept from one batch to the next: enough for usual
/// messages.
constexpr std::size_t most_kept = 32 * 1024;

} // namespace

deflater::deflater() : stream_(std::make_unique<z_stream>()) {
  if (deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
}

deflater::~deflater() {
  deflateEnd(stream_.get());
}

chunk deflater::operator()(const encoded& plain) {
  const std::string_view all = *plain.frames.bytes;
  std::string bytes;
  bytes.reserve(all.size());
  for (std::size_t i = 0; i < plain.marks.size(); ++i) {
    const auto begin = plain.marks[i].frame, payload = plain.marks[i].payload;
    const auto end = i + 1 < plain.marks.size() ? plain.marks[i + 1].frame : all.size();
    if (const auto small = deflated(all.substr(payload, end - payload));
        small.size() < end - payload) {
      append_frame_header(bytes, small.size(), true);
      bytes += small;
    } else
      bytes += all.substr(begin, end - begin);
  }
  if (out_.capacity() > most_kept)
    std::string().swap(out_);
  auto out = plain.frames;
  bytes.shrink_to_fit();
  out.bytes = make_shared_bytes(std::move(bytes));
  return out;
}

std::string_view deflater::deflated(std::string_view payload) {
  auto& z = *stream_;
  deflateReset(&z);
  out_.resize(deflateBound(&z, payload.size()) + 16);
  z.next_in = reinterpret_cast<const Bytef*>(payload.data());
  z.avail_in = uInt(payload.size());
  z.next_out = reinterpret_cast<Bytef*>(out_.data());
  z.avail_out = uInt(out_.size());
  deflate(&z, Z_SYNC_FLUSH);
  return std::string_view(out_).substr(0, z.total_out - flush_mark);
}

} // namespace hubbub
