// A small HTTP/1.1 client: it sends each request as given, without escaping or checks. Must not
// know what the server serves.
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
  std::string target = "/"; ///< Sent unchanged, so that a test can send what no browser would.
  headers fields = {};
  std::string body = {};
};

struct response {
  int status = 0;
  headers fields = {};
  std::string body = {};

  /// The value of a field, or an empty string. The case of the name does not matter (RFC 9110
  /// section 5.1).
  std::string field(std::string_view name) const;
  bool has(std::string_view name) const;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// The bytes of a request. Adds Host, and Content-Length if there is a body, unless they are given.
std::string encode(const request& what, std::uint16_t port);

/// Removes the status line and the fields from the front of `bytes` and parses them. Throws
/// `std::runtime_error` unless the head is complete.
response take_head(std::string& bytes);

/// Reads one response of the length that its Content-Length says. `bytes` keeps the bytes that
/// follow it. Cannot read chunked responses or responses to HEAD.
response receive(connection& from, std::string& bytes, deadline until = patience);

/// Sends the request with `Connection: close` and reads to the end of the connection. The body is
/// everything after the head, so a test notices a body where none may be.
response fetch(std::uint16_t port, const request& what, deadline until = patience,
               const connect_options& how = {});
response fetch(std::uint16_t port, const std::string& target, deadline until = patience);

} // namespace test
