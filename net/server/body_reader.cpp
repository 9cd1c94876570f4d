#include "net/server/body_reader.hpp"

#include <boost/beast/http/read.hpp>

#include <algorithm>

namespace hubbub {

awaitable<boost::system::error_code> read_body(tcp_stream& from, boost::beast::flat_buffer& buffer,
                                               request_parser& into,
                                               std::chrono::steady_clock::time_point began,
                                               std::chrono::steady_clock::duration patience) {
  using clock = std::chrono::steady_clock;
  boost::system::error_code ec;
  for (std::size_t received = 0; !ec && !into.is_done();) {
    const auto earned = std::chrono::milliseconds(received * 1000 / min_body_rate);
    const auto end = began + std::min<clock::duration>(patience + earned, max_body_time);
    from.expires_after(std::max(end - clock::now(), clock::duration::zero()));
    std::size_t size = 0;
    std::tie(ec, size) =
        co_await boost::beast::http::async_read_some(from, buffer, into, as_result);
    received += size;
  }
  co_return ec;
}

} // namespace hubbub
