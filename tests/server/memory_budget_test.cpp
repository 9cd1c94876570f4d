// MEMORY_LIMIT holds during an attack, and the attack costs no other client a message.
#include "tests/server/memory_attack.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("memory budget");

namespace {

constexpr int slow_a_room = 8;

using slow_readers = std::vector<std::pair<std::string, visitor>>; // each with the name of its room

/// Inserts fifty of the longest messages into each of many rooms.
void fill(database& db) {
  const auto rows = std::to_string(full_rooms * 50), rooms = std::to_string(full_rooms);
  db.sql("with recursive n(i) as (select 1 union all select i + 1 from n where i < " + rows +
         ") insert into messages (room, text, connection_id, user_message_number, created_at) "
         "select 'full' || (i % " +
         rooms + "), '" + longest_text() +
         "', '0a0b0c0d-0102-4304-8506-0708090a0b0c', i, '2026-01-31 09:30:00' from n");
}

/// The resident memory of a hub with one client. The hub also makes the tables.
std::size_t memory_of_idle_hub(const database& db) {
  hub hub{db};
  visitor alice{hub};
  return hub.resident();
}

slow_readers enter_slow_readers(const hub& where, int rooms) {
  slow_readers out;
  for (int i = 0; i < rooms * slow_a_room; ++i) {
    const auto room = room_name("slow", i % rooms);
    out.emplace_back(room, visitor{where, "?room=" + room, {.receive_buffer = 8192}});
  }
  return out;
}

/// Sends messages from `alice` to `bob`, one at a time, for the duration of the attack, and longer
/// until the attack has had every effect. Returns the number of messages.
int exchange_during(const memory_attack& attack, const memory_attack_size& size, visitor& alice,
                    visitor& bob, slow_readers& slow) {
  int sent = 0;
  deadline next_pongs = 5s;
  const deadline end = size.duration, at_last = size.duration + patience;
  for (; !end.passed() || (!at_last.passed() && (sent <= 10 || !attack.counts.done(size)));
       ++sent) {
    if (next_pongs.passed()) { // the hub closes a connection that sends nothing for a minute
      next_pongs = 5s;
      for (auto& [room, reader] : slow)
        reader.send_frame({opcode::pong, ""});
    }
    const auto text = "word " + std::to_string(sent);
    alice.say(text);
    REQUIRE(alice.hears()["text"] == text);
    REQUIRE(bob.hears()["text"] == text);
  }
  return sent;
}

/// Checks that a slow reader gets all rows of its room since it came, once and in order.
void check_missed_messages(const database& db, const std::string& room, visitor& reader) {
  const auto from = reader.init["history"].empty()
                        ? std::int64_t{0}
                        : reader.init["history"].back()["id"].get<std::int64_t>();
  const auto ids = db.sql("select id from messages where room = '" + room + "' and id > " +
                          std::to_string(from) + " order by id");
  REQUIRE(ids.size() > 0);
  for (const auto& row : ids)
    REQUIRE(reader.hears()["id"] == std::stoll(row[0]));
}

/// Checks that the hub is as before the attack. Reads two slow readers of each room.
void check_recovery(const database& db, const hub& where, slow_readers slow, int rooms) {
  slow.erase(slow.begin() + 2 * rooms, slow.end());
  for (auto& [room, reader] : slow)
    check_missed_messages(db, room, reader);
  eventually("memory_pressure to be calm",
             [&] { return fetch(where.port(), "/ws-info").json()["memory_pressure"] == "calm"; });
  visitor carol{where, "?room=good"};
  carol.say("calm again");
  CHECK(carol.hears()["text"] == "calm again");
}

void check_under_attack(database& db) {
  const auto idle = memory_of_idle_hub(db);
  fill(db);
  const auto size = usual_memory_attack();
  const auto limit = idle + size.headroom;
  hub hub{db,
          {{"MEMORY_LIMIT", std::to_string(limit)},
           {"ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:"
                            "allocator_release_to_os_interval_ms=200"}}};
  const peak_memory memory{hub};
  visitor alice{hub, "?room=good"}, bob{hub, "?room=good"};
  auto slow = enter_slow_readers(hub, size.slow_rooms);
  memory_attack attack{hub, alice.init["log"].get<std::string>(), size};
  int sent = 0;
  {
    INFO("the hub's log: ", hub.server().log());
    sent = exchange_during(attack, size, alice, bob, slow);
  }
  attack.stop();
  const auto& counts = attack.counts;
  MESSAGE("of " << limit / mebibyte << " MiB " << memory.bytes() / mebibyte << " at most, idle "
                << idle / mebibyte << "; sent " << sent << ", let in " << counts.upgraded.load()
                << ", refused " << counts.refused_upgrades.load() << ", resumed "
                << counts.resumed.load() << ", half-sent " << counts.half_sent.load() << ", rows "
                << db.value("select count(*) from messages"));
  CHECK(memory.bytes() < limit);
  CHECK(sent > 10);
  CHECK(counts.upgraded > 0);
  if (size.fills_up && memory.bytes() > limit / 10 * 9) // a busy machine may not fill the memory
    CHECK(counts.refused_upgrades > 0);
  CHECK(attack.failures.text() == "");
  check_recovery(db, hub, std::move(slow), size.slow_rooms);
  CHECK(memory.bytes() < limit);
}

} // namespace

TEST_CASE("a hub on SQLite keeps its memory limit and its promises during an attack") {
  sqlite db;
  check_under_attack(db);
}

TEST_CASE("a hub on PostgreSQL keeps its memory limit and its promises during an attack") {
  postgres db;
  check_under_attack(db);
}

TEST_CASE("a limit below the memory of an idle hub ends the start with one line") {
  sqlite db;
  const auto ended = run(hub_command({{"DATABASE_URL", db.url()}, {"MEMORY_LIMIT", "16M"}}));
  CHECK(ended.code == 2);
  CHECK(ended.err.find("MEMORY_LIMIT is 16M, and the hub takes ") != std::string::npos);
}

TEST_SUITE_END();
