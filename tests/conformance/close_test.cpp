// RFC 6455, sections 5.5.1 and 7: how a connection ends.
// Four choices: a close without a code is answered with 1000; a bad code or reason with 1002; 1014,
// which IANA added later, is refused like those that are reserved; of codes from 5000 on the RFC
// says nothing, and they pass.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("close");

TEST_CASE("a close is answered with its code") {
  std::vector<ws_case> cases{
      {"5.5.1", "without a code", encode(ws_frame{opcode::close}), {}, {}, 1000},
      {"5.5.1", "with a reason", goodbye(1000, "Hello World!"), {}, {}, 1000},
      {"5.5.1", "with a reason of 123 bytes", goodbye(1000, std::string(123, 'x')), {}, {}, 1000},
      {"5.5.1", "with a reason that is no ASCII", goodbye(1000, "κόσμε 😀"), {}, {}, 1000},
  };
  for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                                   3000, 3999, 4000, 4999, 5000, 65535})
    cases.push_back({"7.4", "code " + std::to_string(code), goodbye(code), {}, {}, code});
  play(cases);
}

TEST_CASE("a code that is not to be sent is refused") {
  std::vector<ws_case> cases;
  for (const std::uint16_t code : {0, 1, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999})
    for (const auto reason : {"", "why"})
      cases.push_back(
          {"7.4", "code " + std::to_string(code) + reason, goodbye(code, reason), {}, {}, 1002});
  play(cases);
}

TEST_CASE("a close that is none is refused") {
  play({
      {"5.5.1", "one byte", encode(ws_frame{opcode::close, "\x03"}), {}, {}, 1002},
      {"5.5", "126 bytes", goodbye(1000, std::string(124, 'x')), {}, {}, 1002},
      {"5.5", "in parts", encode(ws_frame{opcode::close, "\x03\xE8", false}), {}, {}, 1002},
      {"8.1", "a reason that is no UTF-8", goodbye(1000, "\xFF"), {}, {}, 1002},
      {"8.1", "a reason that is cut short", goodbye(1000, "x\xF0\x9F\x98"), {}, {}, 1002},
      {"8.1", "a reason with a surrogate", goodbye(1000, "\xED\xA0\x80"), {}, {}, 1002},
  });
}

TEST_CASE("what follows a close is not heard") {
  play({
      {"5.5.1", "text", goodbye(1000) + text(hello), {}, {}, 1000},
      {"5.5.1", "a ping", goodbye(1000) + ping("1"), {}, {}, 1000},
      {"5.5.1", "another close", goodbye(1000) + goodbye(1001), {}, {}, 1000},
      {"5.5.1", "what is no frame", goodbye(1000) + std::string(100, '\xFF'), {}, {}, 1000},
      {"5.5.1", "much", goodbye(1000) + repeated(text(saying("x", 16384)), 64), {}, {}, 1000},
  });
}

TEST_CASE("closes that cross end the connection at once") {
  const auto binary = encode(ws_frame{opcode::binary, "x"});
  play({
      {"5.5.1", "theirs behind what ours is for", binary + goodbye(1000), {}, {}, 1003},
      {"5.5.1",
       "and more before theirs",
       binary + text(hello) + ping("1") + goodbye(1000),
       {},
       {},
       1003},
      {"5.5.1", "and half of theirs", binary + goodbye(1000).substr(0, 3), {}, {}, 1003},
  });
}

TEST_SUITE_END();
