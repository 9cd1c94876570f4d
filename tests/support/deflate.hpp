// Compresses and inflates one permessage-deflate message without context takeover (RFC 7692
// section 7.2). Must not know frames.
#pragma once

#include <string>
#include <string_view>

namespace test {

std::string deflated(std::string_view text);

/// Throws std::runtime_error if `payload` is no deflated data or needs a larger window.
std::string inflated(std::string_view payload, int window_bits = 15);

} // namespace test
