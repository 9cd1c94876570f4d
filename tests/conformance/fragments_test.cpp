// RFC 6455, section 5.4: fragmented messages, and control frames between the fragments.
#include "tests/conformance/ws_case.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("fragments");

namespace {

const auto a = [](bool final = false) { return text(R"({"type":"message",)", final); };
const auto z = more(R"("text":"hello"})");

std::string in_parts_of(std::size_t size, const std::string& between = {}) {
  const std::string all = hello;
  std::string sent = text("", false);
  for (std::size_t at = 0; at < all.size(); at += size)
    sent += between + more(all.substr(at, size), at + size >= all.size());
  return sent;
}

} // namespace

TEST_CASE("a message may come in any fragments") {
  play({
      {"5.4", "two", a() + z, {"hello"}},
      {"5.4", "parts of one byte", in_parts_of(1), {"hello"}},
      {"5.4", "parts of seven bytes", in_parts_of(7), {"hello"}},
      {"5.4", "with empty parts between", in_parts_of(5, more("", false)), {"hello"}},
      {"5.4", "an empty part at the end", text(hello, false) + more(""), {"hello"}},
      {"5.4", "empty parts alone", text("", false) + more("", false) + more(""), {"!bad_json"}},
      {"5.4", "a message in parts behind another", a() + z + a() + z, {"hello", "hello"}},
      {"5.4", "a thousand empty parts", a() + repeated(more("", false), 1000) + z, {"hello"}},
  });
}

TEST_CASE("control frames between fragments are answered at once") {
  play({
      {"5.4", "a ping", a() + ping("1") + z, {"hello"}, {"1"}},
      {"5.4", "a ping before each part", in_parts_of(15, ping("p")), {"hello"}, {"p", "p", "p"}},
      {"5.4", "a ping, and nothing more", a() + ping("1"), {}, {"1"}},
      {"5.4", "a close ends the connection there", a() + close_frame(1000), {}, {}, 1000},
  });
}

TEST_CASE("fragments of different messages must not mix") {
  const auto binary = [](bool final) { return encode(ws_frame{opcode::binary, "x", final}); };
  play({
      {"5.4", "the last part of nothing", more(hello), {}, {}, 1002},
      {"5.4", "a part of nothing", more(hello, false), {}, {}, 1002},
      {"5.4", "a part behind the last", a() + z + more("", false), {}, {}, 1002},
      {"5.4", "text within text", a() + text(hello), {}, {}, 1002},
      {"5.4", "text in parts within text", a() + a() + z, {}, {}, 1002},
      {"5.4", "binary within text", a() + binary(true), {}, {}, 1002},
      {"5.4", "text within binary", binary(false) + text(hello), {}, {}, 1002},
      {"7.4.1", "binary in parts", binary(false) + more("y"), {}, {}, 1003},
  });
}

TEST_SUITE_END();
