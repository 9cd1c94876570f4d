#include "net/server/head_reader.hpp"

#include <boost/beast/http/read.hpp>

namespace hubbub {

namespace {

namespace http = boost::beast::http;
using boost::beast::flat_buffer;
using boost::system::error_code;

std::string_view text_of(const flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

/// Returns whether the buffer holds more than the beginning of an empty line.
bool has_request(const flat_buffer& buffer) {
  return buffer.size() > 0 && text_of(buffer) != "\r";
}

/// Reads until the buffer begins with a request. Empty lines before it count as part of its head.
awaitable<error_code> read_beginning(tcp_stream& from, flat_buffer& buffer) {
  for (std::size_t skipped = 0; (skipped += take_empty_lines(buffer)) <= max_head;) {
    if (has_request(buffer))
      co_return error_code{};
    const auto [ec, size] =
        co_await from.async_read_some(buffer.prepare(beginning_size), as_result);
    if (ec && buffer.size() == 0)
      co_return ec;
    if (ec)
      co_return error_code{}; // the parser judges what was read
    buffer.commit(size);
  }
  co_return make_error_code(http::error::header_limit);
}

} // namespace

std::size_t take_empty_lines(flat_buffer& buffer) {
  std::size_t size = 0;
  while (text_of(buffer).substr(size).starts_with("\r\n"))
    size += 2;
  buffer.consume(size);
  return size;
}

awaitable<error_code> read_head(tcp_stream& from, flat_buffer& buffer, request_parser& into) {
  into.header_limit(max_head);
  auto ec = co_await read_beginning(from, buffer);
  if (!ec)
    ec = std::get<0>(co_await http::async_read_header(from, buffer, into, as_result));
  co_return ec;
}

} // namespace hubbub
