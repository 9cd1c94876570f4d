// permessage-deflate of one message without context (RFC 7692 section 7.2), both ways. Knows
// nothing of frames.
#pragma once

#include <string>
#include <string_view>

namespace test {

std::string deflated(std::string_view text);

/// Throws std::runtime_error where it is no deflated data, or needs a larger window.
std::string inflated(std::string_view payload, int window_bits = 15);

} // namespace test
