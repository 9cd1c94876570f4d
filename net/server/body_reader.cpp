#include "net/server/body_reader.hpp"

#include <boost/beast/http/read.hpp>

#include <algorithm>

namespace hubbub {

namespace {

/// The deadline moves by at least this many bytes, so that small pieces cost little. A client that
/// is only just fast enough sends more in the shortest patience, a second.
constexpr std::size_t deadline_step = min_body_rate / 2;

} // namespace

awaitable<boost::system::error_code> read_body(tcp_stream& from, boost::beast::flat_buffer& buffer,
                                               request_parser& into,
                                               std::chrono::steady_clock::time_point began,
                                               std::chrono::steady_clock::duration patience) {
  using clock = std::chrono::steady_clock;
  boost::system::error_code ec;
  if (into.is_done())
    co_return ec;
  // Beast reads as much as the buffer has space for, but only 512 bytes if that is less.
  buffer.reserve(buffer_of_body(into.content_length_remaining().value_or(0)));
  for (std::size_t received = 0, moved_at = 0; !ec && !into.is_done();) {
    if (received == 0 || received >= moved_at + deadline_step) {
      moved_at = received;
      const auto earned = std::chrono::milliseconds(received * 1000 / min_body_rate);
      const auto end = began + std::min<clock::duration>(patience + earned, max_body_time);
      from.expires_after(std::max(end - clock::now(), clock::duration::zero()));
    }
    std::size_t size = 0;
    std::tie(ec, size) =
        co_await boost::beast::http::async_read_some(from, buffer, into, as_result);
    received += size;
  }
  buffer.shrink_to_fit();
  co_return ec;
}

} // namespace hubbub
