// RFC 6455, sections 5.1 and 5.2: lengths, masks, reserved bits and opcodes. The hub accepts text
// messages. It closes with 1003 on a binary message, and with 1002 on a violation of the protocol.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("framing");

TEST_CASE("a payload may have any length within the limit") {
  std::vector<ws_case> cases{{"5.2", "no payload, which is no JSON", text(""), {"!bad_json"}}};
  for (const auto size : {33, 124, 125, 126, 127, 128, 255, 256, 4095, 4096, 16383, 16384})
    cases.push_back(
        {"5.2", std::to_string(size) + " bytes", text(message_json("hello", size)), {"hello"}});
  play(cases);
}

TEST_CASE("a binary message, which is no violation of the protocol, is refused with 1003") {
  std::vector<ws_case> cases;
  for (const auto size : {0, 1, 125, 126, 16384})
    cases.push_back({.section = "7.4.1",
                     .what = std::to_string(size) + " bytes of binary",
                     .sent = encode(ws_frame{opcode::binary, std::string(size, '\xFE')}),
                     .close = 1003});
  play(cases);
}

TEST_CASE("a length is written in the fewest bytes, and is positive") {
  // A 64-bit length with the highest bit set is invalid and also too large. The hub chooses 1009.
  play({
      {"5.2", "5 in 16 bits", raw(0x81, 0xFE, "\0\5"s + no_mask + "hello"), {}, {}, 1002},
      {"5.2", "125 in 16 bits", raw(0x81, 0xFE, "\0\x7D"s + no_mask), {}, {}, 1002},
      {"5.2",
       "5 in 64 bits",
       raw(0x81, 0xFF, "\0\0\0\0\0\0\0\5"s + no_mask + "hello"),
       {},
       {},
       1002},
      {"5.2", "65535 in 64 bits", raw(0x81, 0xFF, "\0\0\0\0\0\0\xFF\xFF"s + no_mask), {}, {}, 1002},
      {"5.2",
       "the highest bit of 64",
       raw(0x81, 0xFF, "\x80\0\0\0\0\1\0\0"s + no_mask),
       {},
       {},
       1009},
      {"5.2", "all bits of 64", raw(0x81, 0xFF, std::string(8, '\xFF') + no_mask), {}, {}, 1009},
      {"5.5", "a ping's 5 in 16 bits", raw(0x89, 0xFE, "\0\5"s + no_mask + "hello"), {}, {}, 1002},
  });
}

TEST_CASE("a client must mask its frames") {
  play({
      {"5.1", "text", encode(ws_frame{.payload = hello, .masked = false}), {}, {}, 1002},
      {"5.1", "a ping", raw(0x89, 0), {}, {}, 1002},
      {"5.1", "a close", raw(0x88, 2, "\x03\xE8"), {}, {}, 1002},
      {"5.1", "the second part", text("{", false) + raw(0x80, 1, "}"), {}, {}, 1002},
      {"5.3", "a mask of zeros", raw(0x81, 0x80 | 33, no_mask + hello), {"hello"}},
      {"5.3", "a mask of ones", raw(0x89, 0x81, "\xFF\xFF\xFF\xFF\x9E"), {}, {"a"}},
  });
}

TEST_CASE("reserved bits fail the connection, because no extension was accepted") {
  std::vector<ws_case> cases;
  for (int bits = 1; bits < 8; ++bits) {
    const auto name = " with RSV " + std::to_string(bits);
    const auto with = [&](opcode code, const std::string& payload = {}) {
      return encode(ws_frame{code, payload, true, static_cast<std::uint8_t>(bits)});
    };
    cases.push_back({"5.2", "text" + name, with(opcode::text, hello), {}, {}, 1002});
    cases.push_back({"5.2", "empty text" + name, with(opcode::text), {}, {}, 1002});
    cases.push_back({"5.2", "binary" + name, with(opcode::binary, "x"), {}, {}, 1002});
    cases.push_back({"5.2", "a ping" + name, with(opcode::ping, "x"), {}, {}, 1002});
    cases.push_back({"5.2", "a close" + name, with(opcode::close, "\x03\xE8"), {}, {}, 1002});
    cases.push_back({"5.2",
                     "a continuation" + name,
                     text("{", false) + with(opcode::continuation, "}"),
                     {},
                     {},
                     1002});
    cases.push_back({"5.2",
                     "text behind a ping" + name,
                     ping("1") + with(opcode::text, hello),
                     {},
                     {"1"},
                     1002});
  }
  play(cases);
}

TEST_CASE("reserved opcodes fail the connection") {
  std::vector<ws_case> cases;
  for (const int code : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const auto name = "opcode " + std::to_string(code);
    const auto with = [&](const std::string& payload, bool final = true) {
      return encode(ws_frame{static_cast<opcode>(code), payload, final});
    };
    cases.push_back({"5.2", name, with(""), {}, {}, 1002});
    cases.push_back({"5.2", name + " with a payload", with(hello), {}, {}, 1002});
    cases.push_back({"5.2", name + " in parts", with(hello, false), {}, {}, 1002});
    cases.push_back({"5.2", name + " behind a ping", ping("1") + with(hello), {}, {"1"}, 1002});
    cases.push_back(
        {"5.2", name + " within a message", text("{", false) + with("") + more("}"), {}, {}, 1002});
  }
  play(cases);
}

TEST_SUITE_END();
