// RFC 6455, sections 4.2 and 11.3: which requests open a WebSocket, and which do not.
#include "tests/conformance/http_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("handshake");

namespace {

const std::string upgrade = "Upgrade: websocket\r\n", connection_field = "Connection: Upgrade\r\n",
                  key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                  version = "Sec-WebSocket-Version: 13\r\n";

std::string without_host(const std::string& target, const std::string& lines,
                         const std::string& method = "GET", const std::string& http = "1.1") {
  return method + ' ' + target + " HTTP/" + http + "\r\n" + lines + "\r\n";
}

const std::string rest = upgrade + connection_field + key + version;

std::string keyed(const std::string& value) {
  return get("/ws", upgrade + connection_field + version + "Sec-WebSocket-Key: " + value + "\r\n");
}

std::string versioned(const std::string& lines) {
  return get("/ws", upgrade + connection_field + key + lines);
}

} // namespace

TEST_CASE("a handshake has two tokens, in upper or lower case and among other tokens") {
  const auto with = [](const std::string& lines) { return get("/ws", lines + key + version); };
  play({
      {"4.2.1", "as in the RFC", get("/ws", rest), {101}},
      {"4.2.1", "other letters", with("uPGRADE: WebSocket\r\nCONNECTION: uPgRaDe\r\n"), {101}},
      {"4.2.1",
       "a list",
       with("Upgrade: h2c, websocket\r\nConnection: keep-alive, Upgrade\r\n"),
       {101}},
      {"9110 5.3",
       "two fields",
       with("Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nConnection: "
            "Upgrade\r\n"),
       {101}},
      {"4.2.1", "no Upgrade", with(connection_field), {426}},
      {"4.2.1", "another Upgrade", with("Upgrade: h2c\r\n" + connection_field), {426}},
      {"4.2.1", "a part of the token", with("Upgrade: web\r\n" + connection_field), {426}},
      {"4.2.1",
       "the token within another",
       with("Upgrade: xwebsocketx\r\n" + connection_field),
       {426}},
      {"4.2.1", "no Connection", with(upgrade), {426}},
      {"4.2.1", "another Connection", with(upgrade + "Connection: keep-alive\r\n"), {426}},
  });
}

TEST_CASE("a handshake is a GET of HTTP/1.1 with a Host") {
  play({
      {"4.2.1", "no Host", without_host("/ws", rest), {400}},
      {"4.2.1", "two Hosts", get("/ws", "Host: b\r\n" + rest), {400}},
      {"4.2.1", "HTTP/1.0", without_host("/ws", "Host: a\r\n" + rest, "GET", "1.0"), {426}},
      {"4.2.1", "POST", without_host("/ws", "Host: a\r\n" + rest, "POST"), {405}},
      {"4.2.1",
       "HEAD",
       without_host("/ws", "Host: a\r\nConnection: close\r\n" + rest, "PUT"),
       {405}},
      {"9112 3.2.2", "an absolute target", get("http://a/ws?room=x", rest), {101}},
      {"9112 3.2.2", "and as a WebSocket's", get("ws://a/ws", rest), {101}},
      {"3", "another path", get("/nothing", rest), {404}},
      {"3", "a path of HTTP's", get("/health", rest), {404}}, // this path is not for WebSockets
      {"3", "a fragment", get("/ws#x", rest), {400}},
  });
}

TEST_CASE("a key is base64 of 16 bytes, and comes once") {
  play({
      {"4.2.1", "none", get("/ws", upgrade + connection_field + version), {400}},
      {"4.2.1", "empty", keyed(""), {400}},
      {"4.2.1", "15 bytes", keyed("AAAAAAAAAAAAAAAAAAAA"), {400}},
      {"4.2.1", "17 bytes", keyed("AAAAAAAAAAAAAAAAAAAAAAA="), {400}},
      {"4.2.1", "18 bytes", keyed("AAAAAAAAAAAAAAAAAAAAAAAA"), {400}},
      {"4.2.1", "no base64", keyed("!!!!!!!!!!!!!!!!!!!!!!=="), {400}},
      {"4.2.1", "no padding", keyed("AAAAAAAAAAAAAAAAAAAAAA"), {400}},
      {"4.2.1", "much", keyed(std::string(4000, 'A')), {400}},
      {"4.2.1", "zeros", keyed("AAAAAAAAAAAAAAAAAAAAAA=="), {101}},
      {"11.3.1", "twice", get("/ws", rest + key), {400}},
  });
}

TEST_CASE("the version must be 13, and the answer to another version names it") {
  play({
      {"4.2.2", "none", versioned(""), {426}},
      {"4.2.2", "8", versioned("Sec-WebSocket-Version: 8\r\n"), {426}},
      {"4.2.2", "14", versioned("Sec-WebSocket-Version: 14\r\n"), {426}},
      {"4.1", "013", versioned("Sec-WebSocket-Version: 013\r\n"), {426}},
      {"4.1", "a list", versioned("Sec-WebSocket-Version: 13, 8\r\n"), {426}},
      {"11.3.5", "twice", versioned(version + version), {400}},
  });
  CHECK(
      ask(versioned("Sec-WebSocket-Version: 8\r\n")).answers.at(0).field("Sec-WebSocket-Version") ==
      "13");
}

TEST_CASE("an origin comes once, and is compared with the effective host") {
  play({
      {"10.2", "the same", get("/ws", rest + "Origin: http://hub\r\n"), {101}},
      {"10.2", "another", get("/ws", rest + "Origin: http://evil\r\n"), {403}},
      {"10.2", "twice", get("/ws", rest + "Origin: http://hub\r\nOrigin: http://evil\r\n"), {400}},
      {"9112 3.2.2",
       "an absolute target's",
       get("http://evil/ws", rest + "Origin: http://evil\r\n"),
       {101}},
      {"9112 3.2.2",
       "not the Host beside one",
       get("http://evil/ws", rest + "Origin: http://hub\r\n"),
       {403}},
  });
}

TEST_CASE("the answer has the accept value of the key, and no field that was not requested") {
  const auto answer = ask(get("/ws", rest)).answers.at(0);
  CHECK(answer.field("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(answer.field("Upgrade") == "websocket");
  CHECK(answer.field("Connection") == "upgrade");
  CHECK_FALSE(answer.has("Content-Length"));
  // Section 4.2.2: a server that supports none of the subprotocols accepts none.
  CHECK_FALSE(ask(get("/ws", rest + "Sec-WebSocket-Protocol: chat, superchat\r\n"))
                  .answers.at(0)
                  .has("Sec-WebSocket-Protocol"));
}

TEST_CASE("a handshake may have a body, and may expect 100-continue") {
  play({
      {"9110 10.1.1",
       "Expect without a body",
       get("/ws", rest + "Expect: 100-continue\r\n"),
       {101}},
      {"9112 6.2", "a body", get("/ws", rest + "Content-Length: 5\r\n") + "hello", {101}},
      {"9112 9.3.2", "behind a request", probe + get("/ws", rest), {200, 101}},
      {"9112 9.3.2", "after it was refused", get("/nothing", rest) + get("/ws", rest), {404, 101}},
  });
}

TEST_SUITE_END();
