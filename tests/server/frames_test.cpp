// The WebSocket protocol itself: RFC 6455 where a client goes to its edges or past them.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("frames");

namespace {

const std::string hello = R"({"type":"message","text":"hello"})";

/// How the hub ends the connection of someone who sends these bytes, while another goes on.
close_info close_after(const std::string& bytes) {
  static sqlite db;
  static hub hub{db};
  visitor rude{hub}, bystander{hub};
  rude.send_raw(bytes);
  auto end = rude.next_close();
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
  return end;
}

} // namespace

TEST_CASE("a ping is answered with its payload, between the parts of a message too") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_frame({opcode::text, hello.substr(0, 10), false});
  alice.ping(std::string(125, '!'));
  CHECK(alice.next_pong() == std::string(125, '!'));
  alice.send_frame({opcode::continuation, hello.substr(10)});
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("a ping that a browser can send is answered by a pong, and is no refused frame") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "1"}}};
  visitor alice{hub}, bob{hub};
  alice.send_text(R"({"type":"ping"})");
  CHECK(alice.hears_any(10s) == json{{"type", "pong"}});
  alice.say("one"); // the rate is untouched
  alice.say("two");
  CHECK(alice.hears_texts(2) == std::vector<std::string>{"one", "two"});
  CHECK(bob.hears_texts(2) == std::vector<std::string>{"one", "two"});
  CHECK(fetch(hub.port(), "/metrics")
            .body.find("hubbub_frames_refused_total{code=\"unknown_type\"} 0") !=
        std::string::npos);
}

TEST_CASE("a code point may be cut in two by fragmentation") {
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

TEST_CASE("a frame may come byte by byte") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  for (auto byte : encode(ws_frame{opcode::text, hello}))
    alice.send_raw({&byte, 1});
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("a close is answered with its code") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  alice.close(1000);
  CHECK(alice.next_close() == close_info{1000, ""});
  bob.close(4321);
  CHECK(bob.next_close().code == 4321);
}

TEST_CASE("the protocol's rules are enforced with 1002") {
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

TEST_CASE("a frame of exactly 16 KiB passes") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.send_text(hello + std::string(16384 - hello.size(), ' '));
  CHECK(alice.hears()["text"] == "hello");
}

TEST_CASE("text that is no UTF-8 closes with 1007") {
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
