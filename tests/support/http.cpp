// Writes requests and parses responses, only as much of RFC 9112 as the tests need.
#include "tests/support/http.hpp"

#include <algorithm>
#include <strings.h>

namespace test {

namespace {

std::string trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  auto end = text.find_last_not_of(" \t");
  return begin == text.npos ? "" : std::string{text.substr(begin, end - begin + 1)};
}

const std::string* find(const headers& fields, std::string_view name) {
  auto same = [&](auto& field) {
    return field.first.size() == name.size() &&
           ::strncasecmp(field.first.data(), name.data(), name.size()) == 0;
  };
  auto found = std::find_if(fields.begin(), fields.end(), same);
  return found == fields.end() ? nullptr : &found->second;
}

std::string unchunked(std::string_view bytes) {
  std::string body;
  for (;;) {
    auto end = bytes.find("\r\n");
    auto size = end == bytes.npos ? bytes.size() : std::stoul(std::string{bytes}, nullptr, 16);
    if (end == bytes.npos || bytes.size() < end + size + 4)
      throw std::runtime_error{"a chunked body that is not whole"};
    if (size == 0)
      return body;
    body += bytes.substr(end + 2, size);
    bytes.remove_prefix(end + size + 4);
  }
}

} // namespace

std::string response::field(std::string_view name) const {
  auto found = find(fields, name);
  return found == nullptr ? "" : *found;
}

bool response::has(std::string_view name) const {
  return find(fields, name) != nullptr;
}

std::string encode(const request& what, std::uint16_t port) {
  auto fields = what.fields;
  if (find(fields, "Host") == nullptr)
    fields.insert(fields.begin(), {"Host", "127.0.0.1:" + std::to_string(port)});
  if (!what.body.empty() && find(fields, "Content-Length") == nullptr)
    fields.emplace_back("Content-Length", std::to_string(what.body.size()));
  auto bytes = what.method + ' ' + what.target + " HTTP/1.1\r\n";
  for (auto& [name, value] : fields)
    bytes.append(name).append(": ").append(value).append("\r\n");
  return bytes + "\r\n" + what.body;
}

response take_head(std::string& bytes) {
  auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos || !bytes.starts_with("HTTP/1.1 "))
    throw std::runtime_error{"no HTTP answer: \"" + bytes.substr(0, 200) + '"'};
  response answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  for (auto line = bytes.find("\r\n") + 2; line < end;) {
    auto next = std::min(bytes.find("\r\n", line), end);
    auto colon = std::min(bytes.find(':', line), next);
    answer.fields.emplace_back(bytes.substr(line, colon - line),
                               trimmed(std::string_view{bytes}.substr(
                                   std::min(colon + 1, next), next - std::min(colon + 1, next))));
    line = next + 2;
  }
  bytes.erase(0, end + 4);
  return answer;
}

response receive(connection& from, std::string& bytes, deadline until) {
  while (bytes.find("\r\n\r\n") == bytes.npos && from.read_some(bytes, until)) {
  }
  auto answer = take_head(bytes);
  auto size = answer.status < 200 ? 0 : std::stoul('0' + answer.field("Content-Length"));
  while (bytes.size() < size && from.read_some(bytes, until)) {
  }
  answer.body = bytes.substr(0, size);
  bytes.erase(0, size);
  return answer;
}

response fetch(std::uint16_t port, const request& what, deadline until,
               const connect_options& how) {
  auto asked = what;
  asked.fields.emplace_back("Connection", "close");
  connection client{port, how, until};
  client.send(encode(asked, port), until);
  auto bytes = client.read_until_closed(until);
  auto answer = take_head(bytes);
  answer.body = answer.field("Transfer-Encoding") == "chunked" ? unchunked(bytes) : bytes;
  return answer;
}

response fetch(std::uint16_t port, const std::string& target, deadline until) {
  return fetch(port, request{"GET", target}, until);
}

} // namespace test
