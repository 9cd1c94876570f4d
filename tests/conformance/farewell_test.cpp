// RFC 6455, sections 7.1.1 and 7.1.7, and RFC 9112, section 9.6: whoever is sent away hears all
// that was said to it before, and why, though it had read none of it and goes on talking.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/stage.hpp"
#include "tests/conformance/ws_case.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("farewell");

namespace {

struct offence {
  const char* what;
  std::string sent;
  std::uint16_t close;
};

const std::vector<offence> offences{
    {"a frame that is too large", text(saying("x", 17 << 10)), 1009},
    {"text that is no UTF-8", text("\xFF"), 1007},
    {"a binary message", encode(ws_frame{opcode::binary, "x"}), 1003},
    {"a mask that is missing", raw(0x81, 1, "x"), 1002},
};

struct farewell {
  transcript all;
  bool was_reset = false;
  std::vector<std::string> texts = {}; ///< Said before the offence.
};

/// So long that the kernel does not take all of them for one who reads nothing.
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

/// Opens, and reads `init` alone.
connection sleeper(const hub& where, const std::string& room, std::string& in) {
  connection line{where.port(), {.receive_buffer = 4096}};
  line.send(encode(handshake(room), where.port()));
  while (judge(in).events.empty() && line.read_some(in)) {
  }
  return line;
}

std::vector<std::string> messages_in(const transcript& all) {
  std::vector<std::string> texts;
  for (auto& event : all.events)
    if (event["type"] == "message")
      texts.push_back(event["text"]);
  return texts;
}

farewell offend(const hub& where, const std::string& sent, bool asleep) {
  static int plays = 0;
  const auto room = "farewell-" + std::to_string(++plays);
  std::string in;
  auto line = sleeper(where, room, in);
  visitor talker{where, "?room=" + room};
  const auto texts = long_texts(asleep ? 200 : 1);
  talker.say_all(texts);
  talker.hears_texts(texts.size());
  line.send(sent + repeated(text(saying("behind it", 1000)), 32));
  talker.say_all(numbered("later", 20));
  while (talker.hears()["text"] != "later 20") {
  }
  in += line.read_until_closed();
  return {judge(in), line.was_reset(), texts};
}

} // namespace

TEST_CASE("who is behind and offends hears all that came before, why, and then the end") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}}; // what one has heard was sent to the other
  for (auto& [what, sent, close] : offences)
    for (const bool asleep : {true, false}) {
      CAPTURE(std::string{what});
      CAPTURE(asleep);
      farewell end;
      REQUIRE_NOTHROW(end = played([&, &sent = sent] { return offend(hub, sent, asleep); }));
      CHECK_FALSE(end.was_reset);
      CHECK(end.all.close.value_or(1006) == close);
      CHECK(end.all.unfinished == 0);
      auto heard = messages_in(end.all);
      REQUIRE(heard.size() >= end.texts.size());
      heard.resize(end.texts.size());
      CHECK(heard == end.texts);
    }
}

TEST_CASE("who hears the end and talks on is cut") {
  const auto goes_on_after = [](const std::string& sent, const std::string& more) {
    connection line{the_hub().port()};
    line.send(sent);
    std::string in;
    for (const deadline end = patience; !line.was_reset(); line.send(more)) {
      REQUIRE_FALSE(end.passed());
      line.read_some(in);
    }
    return judge(in);
  };
  const auto chunked = get("/health", "Transfer-Encoding: chunked\r\n");
  CHECK(goes_on_after(chunked, "3\r\nabc\r\n").answers.at(0).status == 411);
  const auto open = encode(handshake("farewell"), the_hub().port());
  CHECK(goes_on_after(open + text("\xFF"), text(hello)).close == 1007);
}

TEST_SUITE_END();
