// The WebSocket protocol: clients that go to the limits of RFC 6455, or past them.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("frames");

namespace {

const std::string hello = R"({"type":"message","text":"hello"})";

/// How the hub closes a connection that sends these bytes. Checks that another connection goes on.
close_info close_after(const std::string& bytes) {
  static sqlite db;
  static hub hub{db, {{"MAX_DATA", "0"}}};
  visitor rude{hub}, bystander{hub};
  rude.send_raw(bytes);
  auto end = rude.next_close();
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
  return end;
}

} // namespace

TEST_CASE("a ping is answered with its payload, also between the fragments of a message") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_frame({opcode::text, hello.substr(0, 10), false});
  alice.ping(std::string(125, '!'));
  CHECK(alice.next_pong() == std::string(125, '!'));
  alice.send_frame({opcode::continuation, hello.substr(10)});
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("a ping in a text frame is answered by a pong and is not counted as refused") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "1"}}};
  visitor alice{hub}, bob{hub};
  alice.send_text(R"({"type":"ping"})");
  CHECK(alice.hears_any(10s) == json{{"type", "pong"}});
  alice.say("one"); // the ping took nothing of the message rate
  alice.say("two");
  CHECK(alice.hears_texts(2) == std::vector<std::string>{"one", "two"});
  CHECK(bob.hears_texts(2) == std::vector<std::string>{"one", "two"});
  CHECK(fetch(hub.port(), "/metrics")
            .body.find("hubbub_frames_refused_total{code=\"unknown_type\"} 0") !=
        std::string::npos);
}

TEST_CASE("a fragment may end within a code point") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  std::string frame = R"({"type":"message","text":"😀"})";
  auto cut = frame.find("😀") + 2;
  alice.send_frame({opcode::text, frame.substr(0, cut), false});
  alice.send_frame({opcode::continuation, "", false});
  alice.send_frame({opcode::continuation, frame.substr(cut)});
  CHECK(alice.hears()["text"] == "😀");
}

TEST_CASE("a frame may arrive byte by byte") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (auto byte : encode(ws_frame{opcode::text, hello}))
    alice.send_raw({&byte, 1});
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("a close is answered with the same code") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  alice.close(1000);
  CHECK(alice.next_close() == close_info{1000, ""});
  bob.close(4321);
  CHECK(bob.next_close().code == 4321);
}

TEST_CASE("a breach of the protocol closes with 1002") {
  const std::map<std::string, std::string> breaches{
      {"not masked", encode(ws_frame{.payload = hello, .masked = false})},
      {"RSV1 without compression", encode(ws_frame{.payload = hello, .reserved = 4})},
      {"RSV3", encode(ws_frame{.payload = hello, .reserved = 1})},
      {"opcode 3", encode(ws_frame{static_cast<opcode>(3), hello})},
      {"opcode 11", encode(ws_frame{static_cast<opcode>(11), ""})},
      {"a ping in parts", encode(ws_frame{opcode::ping, "", false})},
      {"a ping over 125 bytes", encode(ws_frame{opcode::ping, std::string(126, '!')})},
      {"a continuation of nothing", encode(ws_frame{opcode::continuation, hello})},
      {"a message inside a message",
       encode(ws_frame{opcode::text, hello, false}) + encode(ws_frame{opcode::text, hello})},
      {"a close of one byte", encode(ws_frame{opcode::close, "x"})},
      {"a close with the code 1005", encode(ws_frame{opcode::close, "\x03\xED"})},
  };
  for (auto& [breach, bytes] : breaches) {
    CAPTURE(breach);
    CHECK(close_after(bytes).code == 1002);
  }
}

TEST_CASE("a binary frame closes with 1003") {
  CHECK(close_after(encode(ws_frame{opcode::binary, hello})).code == 1003);
  CHECK(close_after(encode(ws_frame{opcode::binary, ""})).code == 1003);
}

TEST_CASE("a frame over 16 KiB closes with 1009") {
  auto too_much = std::string(16385, ' ');
  CHECK(close_after(encode(ws_frame{opcode::text, too_much})).code == 1009);
  CHECK(close_after(encode(ws_frame{opcode::text, too_much.substr(8000), false}) +
                    encode(ws_frame{opcode::continuation, too_much.substr(8000)}))
            .code == 1009);
  CHECK(close_after(encode(ws_frame{opcode::text, ""}, 1ull << 40)).code == 1009);
}

TEST_CASE("a frame of exactly 16 KiB is accepted") {
  sqlite db;
  hub hub{db, {{"MAX_DATA", "0"}}};
  visitor alice{hub};
  alice.send_text(hello + std::string(16384 - hello.size(), ' '));
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("text that is not UTF-8 closes with 1007") {
  const std::map<std::string, std::string> bytes{
      {"no lead byte", "\xFF"},
      {"overlong", "\xC0\xAF"},
      {"an encoded surrogate", "\xED\xA0\x80"},
      {"past U+10FFFF", "\xF4\x90\x80\x80"},
      {"cut short", "\xF0\x9F\x98"},
      {"a lone continuation", "\x80"},
  };
  for (auto& [flaw, text] : bytes) {
    CAPTURE(flaw);
    auto frame = R"({"type":"message","text":")" + text + R"("})";
    CHECK(close_after(encode(ws_frame{opcode::text, frame})).code == 1007);
  }
}

TEST_SUITE_END();
