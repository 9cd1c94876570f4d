// A small HTTP/1.1 client: one request a connection, sent as given, without escaping or checks.
// Knows nothing of what the server serves.
#pragma once

#include "tests/support/connection.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace test {

using headers = std::vector<std::pair<std::string, std::string>>;

struct request {
  std::string method = "GET";
  std::string target = "/"; ///< Sent as it is, so that a test can say what no browser would.
  headers fields = {};
  std::string body = {};
};

struct response {
  int status = 0;
  headers fields = {};
  std::string body = {};

  /// The value of a field, whatever the case of its name (RFC 9110 section 5.1); empty if absent.
  std::string field(std::string_view name) const;
  bool has(std::string_view name) const;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// The bytes of a request; Host, and Content-Length where there is a body, are added if absent.
std::string encode(const request& what, std::uint16_t port);

/// Reads status line and fields off the front of `bytes`, which keeps what follows them. Throws
/// `std::runtime_error` unless a whole head is there.
response take_head(std::string& bytes);

/// Reads one answer off the connection, as long as its Content-Length says; `bytes` keeps what
/// follows. Not for answers to HEAD, nor for chunked ones.
response receive(connection& from, std::string& bytes, deadline until = patience);

/// Sends the request with `Connection: close` and reads to the end of the connection. The body
/// is all that came after the head, so a body where none may be is seen.
response fetch(std::uint16_t port, const request& what, deadline until = patience,
               const connect_options& how = {});
response fetch(std::uint16_t port, const std::string& target, deadline until = patience);

} // namespace test
