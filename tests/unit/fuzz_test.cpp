// Short fuzzing of the parsers that read a client's bytes first. The seed is fixed, so that a
// failure repeats.
#include "actors/display_name.hpp"
#include "actors/wire.hpp"
#include "net/access/origin.hpp"
#include "net/http/files.hpp"
#include "storage/room_name.hpp"

#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <random>

using namespace hubbub;

namespace {

/// Returns a valid input with random changes at a few places.
std::string spoiled(std::string text, std::mt19937& dice) {
  static constexpr std::string_view nasty = "\"\\{}[]:,\0\x80\xFF\xED\xA0u0dD8%./~";
  for (auto times = dice() % 4; times-- > 0;) {
    const auto at = text.empty() ? 0 : dice() % text.size();
    const char c = dice() % 2 ? nasty[dice() % nasty.size()] : char(dice());
    switch (dice() % 3) {
    case 0:
      text.insert(at, 1, c);
      break;
    case 1:
      text.erase(at, 1 + dice() % 3);
      break;
    default:
      if (!text.empty())
        text[at] = c;
    }
  }
  return text;
}

} // namespace

TEST_CASE("any frame is a message within the limits or a refusal with a code") {
  std::mt19937 dice(20260131);
  const std::string seeds[] = {R"({"type":"message","text":"hello"})",
                               R"({"type":"message","text":"\ud83d\ude00","key":"k1"})",
                               R"({"type":"message","text":"\u0000"})", std::string(16384, '['),
                               R"({"a":{"b":[1,2.5e3,null,true]},"type":"x"})"};
  int messages = 0, refusals = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto command = wire::parse(spoiled(seeds[dice() % (i % 50 ? 3 : 5)], dice));
    if (const auto* accepted = std::get_if<wire::message_command>(&command)) {
      ++messages;
      REQUIRE_FALSE(accepted->text.empty());
      REQUIRE(accepted->text.find('\0') == std::string::npos);
      message row;
      row.text = accepted->text;
      REQUIRE(nlohmann::json::parse(wire::message_event(row))["text"] == accepted->text);
    } else if (!std::holds_alternative<wire::ping>(command)) {
      ++refusals;
      // The codes after bad_cursor are given by the connection actor and the database.
      REQUIRE(std::get<wire::refusal>(command).code <= refusal_code::bad_cursor);
    }
  }
  CHECK(messages > 1000);
  CHECK(refusals > 1000);
}

TEST_CASE("any frame is a subscribe with a good room and cursor or a refusal with a code") {
  std::mt19937 dice(20260201);
  const std::string seeds[] = {
      R"({"type":"subscribe","room":"team-1","after":42,"most":7,)"
      R"("log":"3b241101-e2bb-4255-8caf-4136c566a962"})",
      "{\"type\":\"subscribe\",\"room\":\"cafe\xCC\x81\",\"after\":99999999999999999999}",
      R"({"type":"unsubscribe","room":"b"})"};
  int subscribes = 0, unsubscribes = 0, refusals = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto command = wire::parse(spoiled(seeds[dice() % 3], dice));
    if (const auto* begins = std::get_if<wire::subscribe>(&command)) {
      ++subscribes;
      REQUIRE(read_room_name(begins->room) == begins->room);
      if (begins->from) {
        REQUIRE(begins->from->after >= 0);
        REQUIRE(begins->from->log.size() == 36);
      }
      REQUIRE(begins->most.value_or(1) >= 1);
      REQUIRE(begins->most.value_or(1) <= wire::max_most);
    } else if (const auto* ends = std::get_if<wire::unsubscribe>(&command)) {
      ++unsubscribes;
      REQUIRE(nlohmann::json::parse(wire::unsubscribed_event(ends->room))["room"] == ends->room);
    } else {
      ++refusals;
      const auto& why = std::get<wire::refusal>(command);
      REQUIRE(nlohmann::json::parse(wire::error_event(why))["code"] == name_of(why.code));
    }
  }
  CHECK(subscribes > 1000);
  CHECK(unsubscribes > 1000);
  CHECK(refusals > 1000);
}

TEST_CASE("any frame is a hello with a good name or a fault that quotes nothing") {
  std::mt19937 dice(20261129);
  const std::string seeds[] = {
      R"({"type":"hello","name":"Ann","secret":"0123456789abcdef"})",
      R"({"type":"hello","name":"\ud83d\ude00 \u0410nn","secret":"\u0030123456789abcdef"})",
      R"({"type":"hello","name":null})"};
  int named = 0, known = 0, faults = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto command = wire::parse(spoiled(seeds[dice() % 3], dice));
    const auto* hello = std::get_if<wire::hello>(&command);
    if (!hello) {
      REQUIRE(std::holds_alternative<wire::refusal>(command));
      continue;
    }
    if (hello->wrong) {
      ++faults;
      REQUIRE((hello->code == refusal_code::bad_name || hello->code == refusal_code::bad_secret));
      REQUIRE_FALSE(hello->name);
      REQUIRE_FALSE(hello->person);
      continue;
    }
    if (hello->name && !hello->name->empty()) {
      ++named;
      REQUIRE(is_display_name(*hello->name));
    }
    if (hello->person) {
      ++known;
      REQUIRE(hello->person->size() == 21);
    }
    const author_profile who{hello->name.value_or(""), hello->person.value_or("")};
    const auto event = nlohmann::json::parse(wire::hello_event(who));
    REQUIRE(event["name"] == (who.name.empty() ? nlohmann::json() : nlohmann::json(who.name)));
  }
  CHECK(named > 1000);
  CHECK(known > 1000);
  CHECK(faults > 100);
}

TEST_CASE("no path leads to a file outside the folder") {
  std::mt19937 dice(7);
  test::temp_dir outer;
  outer.write("secret.txt", "secret");
  outer.write("public/a/b.txt", "fine");
  const auto folder = std::filesystem::canonical(outer.path() / "public");
  int found = 0;
  for (int i = 0; i < 5000; ++i)
    if (const auto file = find_file(folder, spoiled(i % 2 ? "a/b.txt" : "../secret.txt", dice))) {
      ++found;
      REQUIRE(file->path == folder / "a/b.txt");
    }
  CHECK(found > 100);
}

TEST_CASE("a changed foreign origin stays foreign") {
  std::mt19937 dice(11);
  for (int i = 0; i < 5000; ++i) {
    const auto origin = spoiled("http://evil.example", dice);
    if (!origin.empty())
      REQUIRE_FALSE(origin_allowed(origin, "good.example:6088", {}));
  }
}
