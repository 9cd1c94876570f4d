#include "net/http/content_coding.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace hubbub {

namespace {

/// Brotli's best quality takes a millisecond for each KiB, so it is for texts up to this size.
constexpr std::size_t max_best_brotli = 64 << 10;

std::string_view trim(std::string_view text) {
  const auto from = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

/// Returns whether the parameter of a coding is a weight of zero.
bool is_zero_weight(std::string_view parameter) {
  return parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') &&
         parameter[1] == '=' && parameter.find_first_not_of("0.", 2) == parameter.npos;
}

std::string gzip(std::string_view plain, compression_effort effort) {
  constexpr int gzip_with_the_largest_window = 16 + 15, most_memory = 9;
  z_stream z{};
  if (deflateInit2(&z, effort == compression_effort::once ? Z_BEST_COMPRESSION : 5, Z_DEFLATED,
                   gzip_with_the_largest_window, most_memory, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&z, plain.size()), '\0');
  // zlib does not change the input, although the pointer to it is not const.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = uInt(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = uInt(out.size());
  const bool complete = deflate(&z, Z_FINISH) == Z_STREAM_END;
  out.resize(complete ? z.total_out : 0);
  deflateEnd(&z);
  return out;
}

std::string brotli(std::string_view plain, compression_effort effort) {
  const int quality = effort == compression_effort::every ? 4
                      : plain.size() <= max_best_brotli   ? BROTLI_MAX_QUALITY
                                                          : 9;
  std::string out(BrotliEncoderMaxCompressedSize(plain.size()), '\0');
  auto size = out.size();
  const bool complete =
      BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, plain.size(),
                            reinterpret_cast<const std::uint8_t*>(plain.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE;
  out.resize(complete ? size : 0);
  return out;
}

} // namespace

content_coding choose_coding(std::string_view accept_encoding) {
  enum class answer { unnamed, refused, accepted };
  auto gzip = answer::unnamed, brotli = answer::unnamed, others = answer::unnamed;
  while (!accept_encoding.empty()) {
    const auto end = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const auto name = trim(item.substr(0, semicolon));
    const auto parameter = trim(item.substr(std::min(semicolon + 1, item.size())));
    const auto says = is_zero_weight(parameter) ? answer::refused : answer::accepted;
    if (name == "gzip" || name == "x-gzip")
      gzip = says;
    else if (name == "br")
      brotli = says;
    else if (name == "*")
      others = says;
  }
  // A star stands for the codings that are not named. It rarely means Brotli, because the clients
  // that know Brotli name it.
  if (brotli == answer::accepted)
    return content_coding::brotli;
  const bool accepts_gzip = (gzip == answer::unnamed ? others : gzip) == answer::accepted;
  return accepts_gzip ? content_coding::gzip : content_coding::identity;
}

const char* name_of(content_coding coding) {
  static constexpr std::array<const char*, 3> names{"", "gzip", "br"};
  return names[std::size_t(coding)];
}

std::string compress(std::string_view plain, content_coding coding, compression_effort effort) {
  switch (coding) {
  case content_coding::gzip:
    return gzip(plain, effort);
  case content_coding::brotli:
    return brotli(plain, effort);
  case content_coding::identity:
    break;
  }
  return std::string(plain);
}

} // namespace hubbub
