// While the memory of the hub is short, a slow reader of many rooms gives back what waits for it,
// and gets it from the log later.
#include "tests/server/exposition.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("many rooms");

namespace {

constexpr std::size_t mebibyte = 1 << 20;

std::size_t memory_of_idle_hub() {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  return hub.resident();
}

/// The bytes that wait for all readers, if the hub answers: it may refuse new connections.
std::optional<double> outboxes(const hub& where) {
  const auto all = scrape(where);
  const auto at = all.find("hubbub_memory_part_bytes{part=\"outboxes\"}");
  return at == all.end() ? std::nullopt : std::optional{at->second};
}

/// A text of nearly 4000 bytes that ends with a number.
std::string long_text(std::size_t number) {
  std::string text;
  for (int point = 0; point < 980; ++point)
    text += "😀";
  return text + std::to_string(number);
}

} // namespace

TEST_CASE("while memory is short, what waits for a reader of many rooms is read again later") {
  if (is_instrumented()) {
    MESSAGE("the memory of an instrumented hub does not show what it holds");
    return;
  }
  sqlite db;
  // The pressure is tight at 80 % of the limit. An outbox alone bounds nothing here.
  hub hub{db,
          {{"MEMORY_LIMIT", std::to_string(memory_of_idle_hub() + 16 * mebibyte)},
           {"OUTBOX_LIMIT", std::to_string(256 * mebibyte)}}};
  visitor alice{hub}, slow{hub, "", small_buffers};
  room_reader quick{alice}, behind{slow};
  const auto rooms = room_names(20);
  alice.send_all(subscriptions(rooms));
  slow.send_all(subscriptions(rooms));
  for (auto* each : {&quick, &behind})
    each->until("the rooms", [&] { return each->answers.size() == 21; });
  std::size_t said = 0;
  const auto say = [&] {
    alice.send_all(messages(rooms, long_text(++said)));
    quick.until_each_has(rooms, said);
  };
  double most = 0;
  for (bool gives_back = false; !gives_back;) {
    REQUIRE(said < 1500); // 80 KB each time
    say();
    const auto waits = outboxes(hub).value_or(most);
    gives_back = waits < most / 2;
    most = std::max(most, waits);
  }
  MESSAGE("at most ", std::size_t(most) >> 20, " MiB waited, after ", said, " rounds");
  CHECK(most > 2 * double(mebibyte));
  for (int i = 0; i < 5; ++i)
    say();
  behind.until_each_has(rooms, said);
  CHECK(behind.texts == quick.texts);
  say();
  behind.until_each_has(rooms, said);
  behind.until_pong();
  CHECK(behind.texts == quick.texts);
  CHECK(behind.last == quick.last);
}

TEST_SUITE_END();
