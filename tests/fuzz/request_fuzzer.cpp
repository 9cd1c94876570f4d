// Any bytes as a request: the head is normalised or refused, and the parameters of a WebSocket are
// within their limits.
#include "net/access/forwarded_address.hpp"
#include "net/access/origin.hpp"
#include "net/http/request_head.hpp"
#include "net/websocket/upgrade.hpp"
#include "storage/room_name.hpp"

#include "tests/fuzz/property.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <nlohmann/json.hpp>

using namespace hubbub;
namespace http = boost::beast::http;

namespace {

std::string_view field(const request_head& head, http::field name) {
  return {head[name].data(), head[name].size()};
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += {'%', digits[c / 16], digits[c % 16]};
  }
  return out;
}

/// A target has the same meaning when every byte of it is percent-encoded.
void check_target(const request_target& read, std::string_view given) {
  claim(read.path.starts_with('/') && read.path.size() <= given.size(), "a path begins with /");
  std::string again = "/" + encoded(read.path.substr(1));
  for (const auto& [name, value] : read.query)
    again += (again.find('?') == again.npos ? '?' : '&') + encoded(name) + '=' + encoded(value);
  const auto other = parse_target(again);
  claim(other && other->path == read.path && other->query.size() == read.query.size(),
        "an encoded target is read again");
  for (std::size_t i = 0; i < read.query.size(); ++i)
    claim(other->query[i].name == read.query[i].name &&
              other->query[i].value == read.query[i].value,
          "a parameter is what it was");
}

void check_query(const request_head& head) {
  const auto target = head.target();
  const auto parts = parse_target({target.data(), target.size()});
  if (!parts)
    return;
  check_target(*parts, {target.data(), target.size()});
  const auto read = read_ws_query(parts->query);
  if (const auto* query = std::get_if<ws_query>(&read)) {
    claim(good_room_name(query->room) && query->room.size() <= 4 * 64 &&
              query->room.find_first_of(std::string_view("\0/\r\n\"", 5)) == std::string::npos,
          "a room's name is short and plain");
    claim(read_room_name(query->room) == query->room, "a room's name is in normalization form C");
  } else
    claim(!std::get<problem>(read).detail.empty(), "a sentence says what is wrong");
}

/// The address of a peer that is no trusted proxy is the peer's own. Of a proxy, the last address
/// in X-Forwarded-For that is no proxy counts.
void check_client(const request_head& head) {
  const auto stranger = *parse_ip("192.0.2.1"), proxy = *parse_ip("10.0.0.1");
  const networks trusted{*network::parse("10.0.0.0/8"), *network::parse("fd00::/8")};
  claim(client_address(stranger, head, trusted) == stranger,
        "a peer that is no proxy keeps its address");
  const auto client = client_address(proxy, head, trusted);
  claim(parse_ip(text_of(client)) == client, "an address is read as it is written");
  auto longer = head;
  longer.insert("X-Forwarded-For", "203.0.113.7, 10.0.0.2");
  claim(text_of(client_address(proxy, longer, trusted)) == "203.0.113.7",
        "earlier entries of X-Forwarded-For do not count");
  const std::string_view words = field(head, http::field::host);
  if (const auto known = network::parse(words))
    claim(network::parse(words)->contains(*parse_ip(words.substr(0, words.find('/')))),
          "a network contains the address in its name");
}

/// An error is a problem (RFC 9457) with the status of the status line.
void check_error(const http_response& answer) {
  claim(answer.result_int() >= 400 && answer[http::field::content_type] == problem_type,
        "an error is a problem");
  const auto body = nlohmann::json::parse(answer.body(), nullptr, false);
  claim(body.is_object() && body.value("status", 0u) == answer.result_int() &&
            !body.value("code", "").empty() && !body.value("detail", "").empty(),
        "a problem has the status of the answer, a code and a detail");
}

/// Every refusal of a handshake is a problem.
void check_upgrade(const http_request& request) {
  static const auto key = token_key::of_secret("a secret of at least thirty-two bytes");
  for (const auto* token : {static_cast<const token_key*>(nullptr), &key}) {
    const auto read = read_upgrade(request, {.pages = {}, .token = token});
    if (const auto* refused = std::get_if<refused_request>(&read))
      check_error(refused->answer);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(32 * 1024);
  boost::system::error_code ec;
  parser.put(boost::asio::buffer(data, size), ec);
  if (!parser.is_header_done())
    return 0;
  http_request request = parser.get();
  request_head& head = request;
  const auto refused = normalize(head);
  if (refused) {
    claim(http::to_status_class(refused->status()) == http::status_class::client_error,
          "a malformed head is an error of the client");
    check_error(last_response(*refused));
    return 0;
  }
  claim(head.count(http::field::host) == 1 || head.version() == 10, "there is one Host");
  for (const auto list : {http::field::connection, http::field::upgrade, http::field::origin})
    claim(head.count(list) <= 1, "there is one of each");
  const std::string target(head.target());
  claim(!normalize(head) && head.target() == target, "a normalised head stays as it is");
  check_query(head);
  check_client(head);
  request.method(http::verb::get); // of a HEAD no body would be left to check
  check_upgrade(request);
  is_websocket_key(field(head, http::field::sec_websocket_key));
  const auto origin = field(head, http::field::origin);
  claim(origin.empty() || !origin_allowed(origin, "some.host.example", {}) ||
            !origin_allowed(origin, "other.example", {}),
        "an origin is foreign to all hosts but one");
  return 0;
}
