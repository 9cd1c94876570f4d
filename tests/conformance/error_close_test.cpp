// RFC 6455, sections 7.1.1 and 7.1.7, and RFC 9112, section 9.6: a client whose connection the hub
// ends because of an error gets everything that was sent to it before, and the reason, even if it
// has read nothing yet and goes on sending.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/shared_hub.hpp"
#include "tests/conformance/ws_case.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("error_close");

namespace {

struct offence {
  const char* what;
  std::string sent;
  std::uint16_t close;
};

const std::vector<offence> offences{
    {"a frame that is too large", text(message_json("x", 17 << 10)), 1009},
    {"text that is no UTF-8", text("\xFF"), 1007},
    {"a binary message", encode(ws_frame{opcode::binary, "x"}), 1003},
    {"a mask that is missing", raw(0x81, 1, "x"), 1002},
};

struct ending {
  transcript all;
  bool was_reset = false;
  std::vector<std::string> texts = {}; ///< The messages that were sent before the offence.
};

/// Texts so long that the kernel does not buffer all of them for a client that reads nothing.
std::vector<std::string> long_texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back(std::to_string(i) + std::string(900, '.'));
  return texts;
}

request handshake(const std::string& room) {
  return {"GET",
          "/ws?room=" + room,
          {{"Upgrade", "websocket"},
           {"Connection", "Upgrade"},
           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
           {"Sec-WebSocket-Version", "13"}}};
}

/// A client that opens a WebSocket, reads `init` and then nothing more.
connection sleeping_client(const hub& where, const std::string& room, std::string& in) {
  connection peer{where.port(), {.receive_buffer = 4096}};
  peer.send(encode(handshake(room), where.port()));
  while (judge(in).events.empty() && peer.read_some(in)) {
  }
  return peer;
}

std::vector<std::string> messages_in(const transcript& all) {
  std::vector<std::string> texts;
  for (auto& event : all.events)
    if (event["type"] == "message")
      texts.push_back(event["text"]);
  return texts;
}

ending offend(const hub& where, const std::string& sent, bool asleep) {
  static int plays = 0;
  const auto room = "error-close-" + std::to_string(++plays);
  std::string in;
  auto peer = sleeping_client(where, room, in);
  visitor talker{where, "?room=" + room};
  const auto texts = long_texts(asleep ? 200 : 1);
  talker.say_all(texts);
  talker.hears_texts(texts.size());
  peer.send(sent + repeated(text(message_json("after it", 1000)), 32));
  talker.say_all(numbered("later", 20));
  while (talker.hears()["text"] != "later 20") {
  }
  in += peer.read_until_closed();
  return {judge(in), peer.was_reset(), texts};
}

} // namespace

TEST_CASE("a client that is behind and breaks a rule gets all earlier messages, the reason, and "
          "the end") {
  sqlite db;
  hub hub{db,
          {{"THREADS", "1"},
           {"MAX_DATA", "0"}}}; // a message that one client got was also sent to the other
  for (auto& [what, sent, close] : offences)
    for (const bool asleep : {true, false}) {
      CAPTURE(std::string{what});
      CAPTURE(asleep);
      ending end;
      REQUIRE_NOTHROW(end =
                          repeat_if_slow([&, &sent = sent] { return offend(hub, sent, asleep); }));
      CHECK_FALSE(end.was_reset);
      CHECK(end.all.close.value_or(1006) == close);
      CHECK(end.all.unfinished == 0);
      auto heard = messages_in(end.all);
      REQUIRE(heard.size() >= end.texts.size());
      heard.resize(end.texts.size());
      CHECK(heard == end.texts);
    }
}

TEST_CASE("a client that goes on sending after the end is cut off") {
  const auto goes_on_after = [](const std::string& sent, const std::string& more) {
    connection peer{shared_hub().port()};
    peer.send(sent);
    std::string in;
    for (const deadline end = patience; !peer.was_reset(); peer.send(more)) {
      REQUIRE_FALSE(end.passed());
      peer.read_some(in);
    }
    return judge(in);
  };
  const auto chunked = get("/health", "Transfer-Encoding: chunked\r\n");
  CHECK(goes_on_after(chunked, "3\r\nabc\r\n").answers.at(0).status == 411);
  const auto open = encode(handshake("error-close"), shared_hub().port());
  CHECK(goes_on_after(open + text("\xFF"), text(hello)).close == 1007);
}

TEST_SUITE_END();
