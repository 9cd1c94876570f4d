// RFC 6455, sections 7.4.1 and 10.4: how much a client may send. A message has at most 16 KiB where
// MAX_DATA is 0, as here, in any number of fragments. A longer one is refused when its header
// comes, before its payload.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("limits");

TEST_CASE("a message over 16 KiB closes with 1009") {
  const std::string half(8192, ' ');
  const auto declaring = [](std::uint64_t size) {
    return encode(ws_frame{opcode::text, "{"}, size);
  };
  play({
      {"10.4", "16 KiB and one byte", text(message_json("x", 16385)), {}, {}, 1009},
      {"10.4", "64 KiB", text(message_json("x", 65536)), {}, {}, 1009},
      {"10.4",
       "two halves and one byte",
       text(half, false) + more(half, false) + more(" "),
       {},
       {},
       1009},
      {"10.4",
       "two halves and what is not over",
       text(half, false) + more(half + " ", false),
       {},
       {},
       1009},
      {"10.4", "a header that says 16385", declaring(16385), {}, {}, 1009},
      {"10.4", "a header that says a terabyte", declaring(1ull << 40), {}, {}, 1009},
      {"10.4", "a header that says the most there is", declaring(~0ull >> 1), {}, {}, 1009},
      {"10.4",
       "binary, which is not even wanted",
       encode(ws_frame{opcode::binary, "x"}, 1 << 20),
       {},
       {},
       1009},
      {"10.4",
       "a sum of lengths that wraps",
       text("{", false) + encode(ws_frame{opcode::continuation, "x"}, ~0ull >> 1),
       {},
       {},
       1009},
  });
}

TEST_CASE("a message of 16 KiB is accepted in any fragments") {
  const auto whole = message_json("hello", 16384);
  std::string parts = text("", false);
  for (std::size_t at = 0; at < whole.size(); at += 1024)
    parts += more(whole.substr(at, 1024), at + 1024 == whole.size());
  play({{"10.4", "sixteen parts", parts, {"hello"}},
        {"10.4", "twice", text(whole) + text(whole), {"hello", "hello"}}});
}

TEST_CASE("all of many messages in one write are received") {
  std::string sent;
  std::vector<std::string> heard;
  for (int i = 0; i < 2000; ++i) {
    heard.push_back("number " + std::to_string(i));
    sent += text(message_json(heard.back()));
  }
  play({{"5.4", "2000 messages", sent, heard}});
}

TEST_SUITE_END();
