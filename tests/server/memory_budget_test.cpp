// MEMORY_LIMIT holds whatever people do, and costs nobody a message.
#include "tests/server/background.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <memory>

using namespace test;

TEST_SUITE_BEGIN("memory budget");

namespace {

constexpr std::size_t mebibyte = 1 << 20;

struct scale {
  std::size_t headroom; ///< Room for the attack beside what the bare hub takes.
  int slow_rooms;       ///< How many post as fast as it goes: all others wait behind those.
  std::chrono::seconds attacked_for;
  bool fills_up;
};

scale test_scale() {
  // The allocator of an instrumented hub needs more for everything, and that hub ten times the
  // time.
  return is_instrumented() ? scale{300 * mebibyte, 2, 25s, false}
                           : scale{46 * mebibyte, 6, 60s, true};
}

constexpr int full_rooms = 300, slow_a_room = 8, half_bodies = 400, half_frames = 400,
              resuming = 150;

/// As long as a message may be.
const std::string& long_text() {
  static const auto text = [] {
    std::string out;
    for (int point = 0; point < 1000; ++point)
      out += "😀";
    return out;
  }();
  return text;
}

std::string frame_of(const std::string& text) {
  return encode(ws_frame{opcode::text, json{{"type", "message"}, {"text", text}}.dump()});
}

std::string number(const std::string& name, int i) {
  return name + std::to_string(i);
}

/// Fifty of the longest messages in each of many rooms.
void fill(database& db) {
  const auto rows = std::to_string(full_rooms * 50), rooms = std::to_string(full_rooms);
  db.sql("with recursive n(i) as (select 1 union all select i + 1 from n where i < " + rows +
         ") insert into messages (room, text, connection_id, user_message_number, created_at) "
         "select 'full' || (i % " +
         rooms + "), '" + long_text() +
         "', '0a0b0c0d-0102-4304-8506-0708090a0b0c', i, '2026-01-31 09:30:00' from n");
}

struct attack_counts {
  std::atomic<int> upgraded = 0, refused_upgrades = 0, resumed = 0, half_sent = 0;

  /// Whether the attack has come to all that it is to do, on a slow machine late.
  bool done(const scale& how) const {
    return upgraded > 0 && (refused_upgrades > 0 || !how.fills_up) && resumed > 0 && half_sent > 0;
  }
};

/// Who posts the longest messages as fast as the hub reads them.
struct flooding_client {
  flooding_client(const hub& where, std::string room) : to(where), room(std::move(room)) {
    while (burst.size() < 16 * 1024)
      burst += frame_of(long_text());
  }
  void operator()() {
    if (!client)
      client = std::make_unique<visitor>(to, "?room=" + room);
    try {
      client->send_raw(burst);
      client->hears();
    } catch (const std::exception&) {
      client.reset(); // in the midst of a frame, perhaps
      throw;
    }
  }

  const hub& to;
  std::string room, burst;
  std::unique_ptr<visitor> client = {};
};

/// Who opens in a room with a long history, reads none of it, and stays until nobody more is let
/// in: then all of them leave, and come again.
struct joining_client {
  void operator()() {
    try {
      inside.emplace_back(where.port(), "/ws?room=" + number("full", turn++ % full_rooms),
                          headers{}, connect_options{.receive_buffer = 8192});
      ++counts->upgraded;
    } catch (const refused& no) {
      ++counts->refused_upgrades;
      if (no.answer.status != 503 || no.answer.field("Retry-After").empty())
        wrong->add("a joining_client is answered " + std::to_string(no.answer.status));
      inside.clear();
    } catch (const std::exception& e) {
      wrong->add(std::string("a joining_client: ") + e.what());
    }
  }
  const hub& where;
  failure_list* wrong;
  attack_counts* counts;
  std::deque<ws_client> inside = {};
  int turn = 0;
};

/// Reads what a slow reader missed: all rows of its room since it came, once and in order.
void reads_all(database& db, const std::string& room, visitor& who) {
  const auto from = who.init["history"].empty()
                        ? std::int64_t{0}
                        : who.init["history"].back()["id"].get<std::int64_t>();
  const auto ids = db.sql("select id from messages where room = '" + room + "' and id > " +
                          std::to_string(from) + " order by id");
  REQUIRE(ids.size() > 0);
  for (const auto& row : ids)
    REQUIRE(who.hears()["id"] == std::stoll(row[0]));
}

void holds_under_attack(database& db) {
  std::size_t bare = 0;
  {
    hub hub{db};
    visitor alice{hub};
    bare = hub.resident();
  }
  fill(db);
  const auto how = test_scale();
  const auto slow_rooms = how.slow_rooms;
  const auto limit = bare + how.headroom;
  hub hub{db,
          {{"MEMORY_LIMIT", std::to_string(limit)},
           {"ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:"
                            "allocator_release_to_os_interval_ms=200"}}};
  const peak_memory memory{hub};
  failure_list wrong;
  attack_counts counts;

  visitor alice{hub, "?room=good"}, bob{hub, "?room=good"};
  std::vector<std::pair<std::string, visitor>> slow;
  for (int i = 0; i < slow_rooms * slow_a_room; ++i) {
    const auto room = number("slow", i % slow_rooms);
    slow.emplace_back(room, visitor{hub, "?room=" + room, {.receive_buffer = 8192}});
  }
  int sent = 0;
  {
    std::vector<std::unique_ptr<background_loop>> attack;
    const auto add = [&](auto act) {
      attack.push_back(std::make_unique<background_loop>(std::move(act)));
    };
    for (int i = 0; i < slow_rooms; ++i)
      add([act = std::make_shared<flooding_client>(hub, number("slow", i))] { (*act)(); });
    add([who = std::make_shared<joining_client>(joining_client{hub, &wrong, &counts})] {
      (*who)();
    });
    const auto log = alice.init["log"].get<std::string>();
    add([&, log, slow_rooms, turn = 0, all = std::make_shared<std::deque<ws_client>>()]() mutable {
      all->emplace_back(hub.port(),
                        "/ws?room=" + number("slow", turn++ % slow_rooms) + "&after=0&log=" + log,
                        headers{}, connect_options{.receive_buffer = 8192});
      ++counts.resumed;
      if (all->size() > resuming)
        all->pop_front();
    });
    add([&, all = std::make_shared<std::deque<connection>>()] {
      all->emplace_back(hub.port());
      all->back().send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 16000\r\n\r\n" +
                       std::string(15'000, 'x'));
      all->back().readable(10ms); // a no, perhaps
      ++counts.half_sent;
      if (all->size() > half_bodies)
        all->pop_front();
    });
    add([&, all = std::make_shared<std::deque<ws_client>>()] {
      all->emplace_back(hub.port(), "/ws?room=halves");
      all->back().send_raw(encode({opcode::text, std::string(15'000, 'x')}, 16'000));
      all->back().transport().readable(10ms);
      ++counts.half_sent;
      if (all->size() > half_frames)
        all->pop_front();
    });
    INFO("the hub's log: ", hub.server().log());
    deadline shown = 5s;
    const deadline end = how.attacked_for, at_last = how.attacked_for + patience;
    for (; !end.passed() || (!at_last.passed() && (sent <= 10 || !counts.done(how))); ++sent) {
      if (shown.passed()) { // who is not heard of for a minute is cut
        shown = 5s;
        for (auto& [room, who] : slow)
          who.send_frame({opcode::pong, ""});
      }
      alice.say(number("word ", sent));
      REQUIRE(alice.hears()["text"] == number("word ", sent));
      REQUIRE(bob.hears()["text"] == number("word ", sent));
    }
    for (const auto& each : attack)
      each->stop(); // all at once: one that still attacks keeps another waiting
  }
  MESSAGE("of " << limit / mebibyte << " MiB " << memory.bytes() / mebibyte << " at most, bare "
                << bare / mebibyte << "; sent " << sent << ", let in " << counts.upgraded.load()
                << ", turned away " << counts.refused_upgrades.load() << ", resumed "
                << counts.resumed.load() << ", half-sent " << counts.half_sent.load() << ", rows "
                << db.value("select count(*) from messages"));
  CHECK(memory.bytes() < limit);
  CHECK(sent > 10);
  CHECK(counts.upgraded > 0);
  if (how.fills_up && memory.bytes() > limit / 10 * 9) // a busy machine is slow to fill it
    CHECK(counts.refused_upgrades > 0);
  CHECK(wrong.text() == "");

  // When it is over, all is as before.
  slow.erase(slow.begin() + 2 * slow_rooms, slow.end());
  for (auto& [room, who] : slow)
    reads_all(db, room, who);
  eventually("calm",
             [&] { return fetch(hub.port(), "/ws-info").json()["memory_pressure"] == "calm"; });
  visitor carol{hub, "?room=good"};
  carol.say("calm again");
  CHECK(carol.hears()["text"] == "calm again");
  CHECK(memory.bytes() < limit);
}

} // namespace

TEST_CASE("under attack for a minute a hub on SQLite keeps to its memory and its promises") {
  sqlite db;
  holds_under_attack(db);
}

TEST_CASE("so does one on PostgreSQL") {
  postgres db;
  holds_under_attack(db);
}

TEST_CASE("a limit under what the bare hub takes ends the start with one line") {
  sqlite db;
  const auto ended = run(hub_command({{"DATABASE_URL", db.url()}, {"MEMORY_LIMIT", "16M"}}));
  CHECK(ended.code == 2);
  CHECK(ended.err.find("MEMORY_LIMIT is 16M, and the hub takes ") != std::string::npos);
}

TEST_SUITE_END();
