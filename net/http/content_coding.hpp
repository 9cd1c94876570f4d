// The content codings of answers: gzip (RFC 1952) and Brotli (RFC 7932).
// Knows: Accept-Encoding, both formats. Must not know: files, HTTP messages, clients.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

enum class content_coding : std::uint8_t { identity, gzip, brotli };

/// Returns the coding that makes an answer smallest among those that an Accept-Encoding field
/// accepts (RFC 9110, section 12.5.3). Of the weights only zero counts: such a coding is not
/// chosen. A field that is malformed accepts no coding, at worst.
content_coding choose_coding(std::string_view accept_encoding);

/// Returns the name of a coding for Content-Encoding. Empty for `identity`.
const char* name_of(content_coding coding);

/// How much time a compression may take.
enum class compression_effort : std::uint8_t {
  once,  ///< For bytes that are sent many times: up to a millisecond for each KiB.
  every, ///< For bytes that are sent once: about 20 µs for each KiB.
};

/// Returns the bytes in a coding, or an empty text if there is no memory for it.
std::string compress(std::string_view plain, content_coding coding, compression_effort effort);

} // namespace hubbub
