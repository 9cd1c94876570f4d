#include "net/websocket/ws_query.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace hubbub;

namespace {

auto query(const std::string& target) {
  return read_ws_query(parse_target(target).value().query);
}

ws_query good(const std::string& target) {
  const auto read = query(target);
  REQUIRE(std::holds_alternative<ws_query>(read));
  return std::get<ws_query>(read);
}

bool bad(const std::string& target) {
  return std::holds_alternative<problem>(query(target));
}

} // namespace

TEST_CASE("without a query the room is the lobby, and the open is fresh") {
  CHECK(good("/ws").room == "lobby");
  CHECK_FALSE(good("/ws?other=1&log=x").from);
}

TEST_CASE("a position is an id and the name of a log") {
  const auto q = good("/ws?after=42&log=abc&room=A-b_c.9");
  CHECK(q.room == "A-b_c.9");
  CHECK(q.from->after == 42);
  CHECK(q.from->log == "abc");
  CHECK(good("/ws?after=-5").from->after == -5);
}

TEST_CASE("an id out of range is over every id, or negative") {
  CHECK(good("/ws?after=99999999999999999999").from->after == std::numeric_limits<row_id>::max());
  CHECK(good("/ws?after=-99999999999999999999").from->after < 0);
}

TEST_CASE("characters that browsers leave unencoded are allowed in unknown parameters") {
  CHECK(good("/ws?[x]={y}|^\\\"<>`%&room=a&%zz").room == "a");
  CHECK(good("/ws?&&room=a&=&").room == "a");
  CHECK(good("/ws?room=a&room=b").room == "b");
  for (const auto* target : {"/ws?room=[a]", "/ws?room=%", "/ws?room=a%2", "/ws?room=a|b",
                             "/ws?room=a+b", "/ws?room", "/ws?room=a=b", "/ws?after=1%"})
    CHECK(bad(target));
}

TEST_CASE("a malformed number or room name is refused") {
  for (const auto* target :
       {"/ws?after=", "/ws?after=abc", "/ws?after=1x", "/ws?after=1.5", "/ws?after=%201",
        "/ws?after=0x10", "/ws?room=", "/ws?room=a%20b", "/ws?room=a%00", "/ws?room=a/b"})
    CHECK(bad(target));
  CHECK(bad("/ws?room=" + std::string(65, 'a')));
  CHECK(good("/ws?room=" + std::string(64, 'a')).room.size() == 64);
}

TEST_CASE("a log's UUID is read in any case of letters") {
  CHECK(good("/ws?after=1&log=3B241101-E2BB-4255-8CAF-4136C566A962").from->log ==
        "3b241101-e2bb-4255-8caf-4136c566a962");
}

TEST_CASE("names that look the same are one room") {
  CHECK(good("/ws?room=cafe%CC%81").room == "caf\xC3\xA9");
  CHECK(good("/ws?room=caf%C3%A9").room == "caf\xC3\xA9");
  CHECK(good("/ws?room=%E2%84%AB").room == "\xC3\x85"); // the sign of the unit angstrom
  CHECK(good("/ws?room=%E1%84%92%E1%85%A1%E1%86%AB").room == "\xED\x95\x9C"); // Hangul
  CHECK(good("/ws?room=a%CC%A3%CC%87").room == good("/ws?room=a%CC%87%CC%A3").room);
  std::string most = "/ws?room=";
  for (int i = 0; i < 64; ++i)
    most += "e%CC%81";
  CHECK(good(most).room.size() == 128);
  CHECK(bad(most + "e%CC%81"));
  most = "/ws?room=";
  for (int i = 0; i < 64; ++i)
    most += "%CE%B1%CC%93%CC%80%CD%85"; // four code points, which become U+1F82
  CHECK(good(most).room.size() == 192);
  CHECK(bad(most + "%CE%B1"));
}

TEST_CASE("a zero-width joiner stands where a word needs it, and nowhere else") {
  const std::string zwnj = "%E2%80%8C", zwj = "%E2%80%8D";
  const std::string ka = "%E0%A4%95", virama = "%E0%A5%8D", ssa = "%E0%A4%B7"; // Devanagari
  const std::string meem = "%D9%85", yeh = "%DB%8C", khah = "%D8%AE", alef = "%D8%A7",
                    fatha = "%D9%8E"; // Arabic
  for (const auto& name :
       {meem + yeh + zwnj + khah, yeh + zwnj + alef, yeh + fatha + zwnj + fatha + khah,
        ka + virama + zwj + ssa, ka + virama + zwnj + ssa,
        "%E0%B7%81%E0%B7%8A" + zwj + "%E0%B6%BB%E0%B7%93", // Sinhala, sri
        "%E0%B4%A8%E0%B5%8D" + zwj}) {                     // Malayalam, chillu
    CAPTURE(name);
    CHECK(good("/ws?room=" + name).room.find("\xE2\x80") != std::string::npos);
  }
  for (const auto& name :
       {zwnj, zwj, "a" + zwnj + "b", "a" + zwj + "b", "a" + zwnj, zwj + "a", alef + zwnj + yeh,
        meem + zwnj, zwnj + meem, meem + zwnj + zwnj + khah, meem + zwj + khah, meem + zwnj + "a",
        "1" + zwnj + meem, ka + zwj + ssa, ka + zwnj + ssa, ka + virama + zwj + zwj,
        ka + virama + zwnj + zwj, "lobby" + zwnj}) {
    CAPTURE(name);
    CHECK(bad("/ws?room=" + name));
  }
}

TEST_CASE("a room's name is letters, digits and combining marks of any script") {
  for (const auto* name : {"caf%C3%A9", "x%CC%81", "%E6%9D%B1%E4%BA%AC",             // Tokyo
                           "%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80", // Hindi
                           "%D7%A9%D6%B8%D7%9C%D7%95%D7%9D", "%D9%A3", "%F0%90%8D%88"})
    CHECK(good(std::string("/ws?room=") + name).room.size() > 1);
  for (const auto* name :
       {"%F0%9F%98%80", "a%E2%80%8Bb", "%E2%80%AEabc", "%C2%A0", "%E3%80%80", "%C2%BD", "a%2Bb",
        "%E2%82%AC", "%EE%80%80", "%EF%BF%BF"}) // signs, spaces, what no one sees or has assigned
    CHECK(bad(std::string("/ws?room=") + name));
  for (const auto* name : {"%FF", "%C3", "%C3%28", "%C0%AE", "%ED%A0%80", "%F4%90%80%80", "a%80"})
    CHECK(bad(std::string("/ws?room=") + name)); // no UTF-8
  std::string most = "/ws?room=";
  for (int i = 0; i < 64; ++i)
    most += "%F0%90%8D%88";
  CHECK(good(most).room.size() == 256);
  CHECK(bad(most + 'a'));
}
