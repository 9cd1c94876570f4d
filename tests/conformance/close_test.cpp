// RFC 6455, sections 5.5.1 and 7: how a connection ends.
// The hub makes four choices: a close without a code is answered with 1000, and one with an invalid
// code or reason with 1002; the code 1014, which IANA added later, is refused like a reserved code;
// codes from 5000 on, about which the RFC says nothing, are accepted.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("close");

TEST_CASE("a close is answered with its code") {
  std::vector<ws_case> cases{
      {"5.5.1", "without a code", encode(ws_frame{opcode::close}), {}, {}, 1000},
      {"5.5.1", "with a reason", close_frame(1000, "Hello World!"), {}, {}, 1000},
      {"5.5.1",
       "with a reason of 123 bytes",
       close_frame(1000, std::string(123, 'x')),
       {},
       {},
       1000},
      {"5.5.1", "with a reason that is no ASCII", close_frame(1000, "κόσμε 😀"), {}, {}, 1000},
  };
  for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                                   3000, 3999, 4000, 4999, 5000, 65535})
    cases.push_back({"7.4", "code " + std::to_string(code), close_frame(code), {}, {}, code});
  play(cases);
}

TEST_CASE("a code that must not be sent is refused") {
  std::vector<ws_case> cases;
  for (const std::uint16_t code : {0, 1, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999})
    for (const auto reason : {"", "why"})
      cases.push_back({"7.4",
                       "code " + std::to_string(code) + reason,
                       close_frame(code, reason),
                       {},
                       {},
                       1002});
  play(cases);
}

TEST_CASE("a malformed close is refused") {
  play({
      {"5.5.1", "one byte", encode(ws_frame{opcode::close, "\x03"}), {}, {}, 1002},
      {"5.5", "126 bytes", close_frame(1000, std::string(124, 'x')), {}, {}, 1002},
      {"5.5", "in parts", encode(ws_frame{opcode::close, "\x03\xE8", false}), {}, {}, 1002},
      {"8.1", "a reason that is no UTF-8", close_frame(1000, "\xFF"), {}, {}, 1002},
      {"8.1", "a reason that is cut short", close_frame(1000, "x\xF0\x9F\x98"), {}, {}, 1002},
      {"8.1", "a reason with a surrogate", close_frame(1000, "\xED\xA0\x80"), {}, {}, 1002},
  });
}

TEST_CASE("bytes after a close are ignored") {
  play({
      {"5.5.1", "text", close_frame(1000) + text(hello), {}, {}, 1000},
      {"5.5.1", "a ping", close_frame(1000) + ping("1"), {}, {}, 1000},
      {"5.5.1", "another close", close_frame(1000) + close_frame(1001), {}, {}, 1000},
      {"5.5.1", "what is no frame", close_frame(1000) + std::string(100, '\xFF'), {}, {}, 1000},
      {"5.5.1",
       "much",
       close_frame(1000) + repeated(text(message_json("x", 16384)), 64),
       {},
       {},
       1000},
  });
}

TEST_CASE("when two closes cross, the connection ends at once") {
  const auto binary = encode(ws_frame{opcode::binary, "x"});
  play({
      {"5.5.1",
       "theirs after the frame that ours answers",
       binary + close_frame(1000),
       {},
       {},
       1003},
      {"5.5.1",
       "and more before theirs",
       binary + text(hello) + ping("1") + close_frame(1000),
       {},
       {},
       1003},
      {"5.5.1", "and half of theirs", binary + close_frame(1000).substr(0, 3), {}, {}, 1003},
  });
}

TEST_SUITE_END();
