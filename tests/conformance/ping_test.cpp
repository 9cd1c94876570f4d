// RFC 6455, sections 5.5, 5.5.2 and 5.5.3: pings and pongs.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("ping");

namespace {

const auto pong = [](const std::string& payload = {}) {
  return encode(ws_frame{opcode::pong, payload});
};

} // namespace

TEST_CASE("a ping is answered with its payload") {
  const auto bytes = "\0\xFF\xFE\x80\xC0"s;
  play({
      {"5.5.2", "none", ping(), {}, {""}},
      {"5.5.2", "a word", ping("Hello, world!"), {}, {"Hello, world!"}},
      {"5.5.2", "no UTF-8", ping(bytes), {}, {bytes}},
      {"5.5.2", "125 bytes", ping(std::string(125, '\xFE')), {}, {std::string(125, '\xFE')}},
      {"5.5.2", "a ping before a message", ping("1") + text(hello), {"hello"}, {"1"}},
      {"5.5.2", "a ping after a message", text(hello) + ping("1"), {"hello"}, {"1"}},
  });
}

TEST_CASE("many pings are answered in order") {
  // Section 5.5.3 lets a server answer only the latest ping. The hub answers every one.
  std::string sent;
  std::vector<std::string> pongs;
  for (int i = 0; i < 500; ++i) {
    pongs.push_back("ping " + std::to_string(i));
    sent += ping(pongs.back());
  }
  play({{"5.5.3", "500 pings", sent, {}, pongs},
        {"5.5.3", "and a word", sent + text(hello), {"hello"}, pongs}});
}

TEST_CASE("an unsolicited pong is ignored") {
  play({
      {"5.5.3", "empty", pong() + ping("1"), {}, {"1"}},
      {"5.5.3", "with a payload", pong("unsolicited") + ping("1"), {}, {"1"}},
      {"5.5.3",
       "within a message",
       text("{\"type\":\"message\",", false) + pong("x") + more("\"text\":\"a\"}"),
       {"a"}},
  });
}

TEST_CASE("a control frame is not fragmented and has at most 125 bytes") {
  play({
      {"5.5", "a ping of 126 bytes", ping(std::string(126, 'x')), {}, {}, 1002},
      {"5.5", "a pong of 126 bytes", pong(std::string(126, 'x')), {}, {}, 1002},
      {"5.5", "a ping of 64 KiB", ping(std::string(65536, 'x')), {}, {}, 1002},
      {"5.5",
       "a ping in parts",
       encode(ws_frame{opcode::ping, "a", false}) + more("b"),
       {},
       {},
       1002},
      {"5.5",
       "a pong in parts",
       encode(ws_frame{opcode::pong, "a", false}) + more("b"),
       {},
       {},
       1002},
  });
}

TEST_SUITE_END();
