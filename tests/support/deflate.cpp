// Uses raw zlib streams, a new one for each message, as "no context takeover" requires (RFC 7692
// section 7.1.1).
#include "tests/support/deflate.hpp"

#include <array>
#include <stdexcept>
#include <zlib.h>

namespace test {

namespace {

constexpr std::string_view flush_mark{"\0\0\xff\xff", 4};

template<class Step>
std::string pump(z_stream& z, std::string input, Step step) {
  z.next_in = reinterpret_cast<Bytef*>(input.data());
  z.avail_in = uInt(input.size());
  std::string out;
  std::array<char, 4096> part;
  do {
    z.next_out = reinterpret_cast<Bytef*>(part.data());
    z.avail_out = part.size();
    if (const auto result = step(&z, Z_SYNC_FLUSH); result != Z_OK && result != Z_BUF_ERROR)
      throw std::runtime_error{"zlib says " + std::to_string(result)};
    out.append(part.data(), part.size() - z.avail_out);
  } while (z.avail_out == 0);
  return out;
}

} // namespace

std::string deflated(std::string_view text) {
  z_stream z{};
  deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  auto out = pump(z, std::string{text}, deflate);
  deflateEnd(&z);
  return out.substr(0, out.size() - flush_mark.size());
}

std::string inflated(std::string_view payload, int window_bits) {
  z_stream z{};
  inflateInit2(&z, -window_bits);
  auto whole = std::string{payload}.append(flush_mark);
  try {
    auto out = pump(z, std::move(whole), inflate);
    inflateEnd(&z);
    return out;
  } catch (...) {
    inflateEnd(&z);
    throw;
  }
}

} // namespace test
