#include "net/server/head_reader.hpp"

#include <boost/beast/core/buffers_prefix.hpp>

#include <algorithm>
#include <utility>

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

/// Gives Beast's parser the first bytes at once, so that what is no HTTP is refused at once, and
/// the rest only when the head is complete. Left to itself the parser takes a head field by field
/// without counting their bytes if each field comes in a read of its own.
class head_parser {
public:
  head_parser(flat_buffer& buffer, request_parser& into) : buffer_(buffer), into_(into) {}

  /// Parses what there is. Returns need_more while the head is not complete.
  error_code parse() {
    if (has_end())
      return parse_up_to(buffer_.size());
    return parsed_ == 0 ? parse_up_to(beginning_size) : make_error_code(http::error::need_more);
  }

  /// The bytes of the head that were read.
  std::size_t size() const { return parsed_ + buffer_.size(); }

private:
  /// The parser takes whole lines, so the empty line that ends a head may be in front.
  bool has_end() {
    const auto text = text_of(buffer_);
    if (parsed_ > 0 && text.starts_with("\r\n"))
      return true;
    const auto from = std::exchange(searched_, std::max<std::size_t>(text.size(), 3) - 3);
    return text.find("\r\n\r\n", from) != text.npos;
  }

  error_code parse_up_to(std::size_t most) {
    error_code ec;
    const auto used = into_.put(boost::beast::buffers_prefix(most, buffer_.cdata()), ec);
    buffer_.consume(used);
    parsed_ += used;
    searched_ = 0;
    return ec;
  }

  flat_buffer& buffer_;
  request_parser& into_;
  std::size_t parsed_ = 0;
  std::size_t searched_ = 0; ///< No end of the head begins before this place of the buffer.
};

/// Reads at most `most` bytes to the end of the buffer.
awaitable<error_code> read_more(tcp_stream& from, flat_buffer& buffer, std::size_t most) {
  const auto wanted = std::max(beginning_size, buffer.capacity() - buffer.size());
  const auto [ec, size] =
      co_await from.async_read_some(buffer.prepare(std::min(wanted, most)), as_result);
  buffer.commit(size);
  co_return ec;
}

} // namespace

std::size_t take_empty_lines(flat_buffer& buffer) {
  std::size_t size = 0;
  while (text_of(buffer).substr(size).starts_with("\r\n"))
    size += 2;
  buffer.consume(size);
  return size;
}

awaitable<error_code> read_head(tcp_stream& from, flat_buffer& buffer, request_parser& into,
                                std::function<bool()> may_grow) {
  into.header_limit(max_head);
  auto ec = co_await read_beginning(from, buffer);
  head_parser parser{buffer, into};
  while (!ec) {
    ec = parser.parse();
    if (ec != http::error::need_more)
      break;
    if (parser.size() >= max_head)
      co_return make_error_code(http::error::header_limit);
    if (buffer.size() >= usual_head && may_grow && !std::exchange(may_grow, nullptr)())
      co_return make_error_code(boost::asio::error::no_memory);
    ec = co_await read_more(from, buffer, max_head - parser.size());
    if (ec == boost::asio::error::eof)
      ec = make_error_code(http::error::partial_message);
  }
  if (!ec && std::size_t(std::distance(into.get().begin(), into.get().end())) > max_fields)
    ec = make_error_code(http::error::header_limit);
  co_return ec;
}

} // namespace hubbub
