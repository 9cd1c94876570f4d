// Reads the bodies of requests from a connection.
// Knows: how long a body may take. Must not know: what a request asks for, how large a body may be.
#pragma once

#include "net/server/head_reader.hpp"

#include <algorithm>

namespace hubbub {

/// The slowest client whose body of any size is read: bytes a second, on average.
inline constexpr std::size_t min_body_rate = 32 * 1024;

/// The time for a request with a body, however large.
inline constexpr std::chrono::seconds max_body_time{30};

/// The bytes of the read buffer while a body with so many bytes left is read.
constexpr std::size_t buffer_of_body(std::size_t left) {
  return std::min<std::size_t>(left, 64 * 1024);
}

/// Reads the rest of a request whose head was parsed, and sets the deadline of the connection: the
/// request may take `patience` from `began` on, and more as bytes of its body come, by
/// `min_body_rate`, but at most `max_body_time`. So a client cannot hold a body half-read.
awaitable<boost::system::error_code> read_body(tcp_stream& from, boost::beast::flat_buffer& buffer,
                                               request_parser& into,
                                               std::chrono::steady_clock::time_point began,
                                               std::chrono::steady_clock::duration patience);

} // namespace hubbub
