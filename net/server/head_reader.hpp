// Reads the heads of requests from a connection.
// Knows: the bounds of a head. Must not know: what a request asks for, how much memory there is.
#pragma once

#include "net/transport/tcp_stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>

namespace hubbub {

/// The bytes of the largest head. A token with 1,000 rooms has space in it, in any place of a
/// token.
inline constexpr std::uint32_t max_head = 32 * 1024;

/// The bytes of the largest head that takes no memory beyond what each pending connection may take.
inline constexpr std::size_t usual_head = 8 * 1024;

/// The greatest number of fields. The parser takes about a hundred bytes for each one.
inline constexpr std::size_t max_fields = 256;

/// The bytes that are read at once of a head that has not begun.
inline constexpr std::size_t beginning_size = 512;

using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// Removes empty lines from the front (RFC 9112, section 2.2) and returns how many bytes they had.
std::size_t take_empty_lines(boost::beast::flat_buffer& buffer);

/// Reads the head of a request. The buffer may have its beginning already, and has what follows the
/// head afterwards. It never has more than `max_head` bytes, nor more than `usual_head` unless
/// `may_grow` has returned true, which is called at most once.
///
/// Completes with http::error::header_limit if the head, or the empty lines before it, are over
/// `max_head`, or if the head has over `max_fields` fields, and with asio::error::no_memory if
/// `may_grow` has returned false.
awaitable<boost::system::error_code> read_head(tcp_stream& from, boost::beast::flat_buffer& buffer,
                                               request_parser& into,
                                               std::function<bool()> may_grow);

} // namespace hubbub
