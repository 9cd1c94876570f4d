// Reads the heads of requests from a connection.
// Knows: the bound of a head. Must not know: what a request asks for.
#pragma once

#include "net/transport/tcp_stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hubbub {

/// The bytes of the largest head, with the empty lines before it.
inline constexpr std::uint32_t max_head = 8 * 1024;

/// The bytes that are read at once of a head that has not begun.
inline constexpr std::size_t beginning_size = 512;

using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// Removes empty lines from the front (RFC 9112, section 2.2) and returns how many bytes they had.
std::size_t take_empty_lines(boost::beast::flat_buffer& buffer);

/// Reads the head of a request. The buffer may have its beginning already, and has what follows the
/// head afterwards. Completes with http::error::header_limit if the head is over `max_head`.
awaitable<boost::system::error_code> read_head(tcp_stream& from, boost::beast::flat_buffer& buffer,
                                               request_parser& into);

} // namespace hubbub
