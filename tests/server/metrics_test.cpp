// Compares the values of /metrics with what has happened.
#include "tests/server/exposition.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("metrics");

namespace {

/// Waits until a sample has that value.
void wait_for_value(const hub& where, const std::string& name, double value) {
  double last = -1;
  try {
    eventually(name, [&] {
      auto all = scrape(where);
      REQUIRE(all.contains(name));
      return (last = all[name]) == value;
    });
  } catch (const timeout&) {
    FAIL(name << " is " << last << " and not " << value);
  }
}

void check_process_metrics(const samples& now, double before_start) {
  CHECK(now.at("process_resident_memory_bytes") > 1e6);
  CHECK(now.at("process_open_fds") > 5);
  CHECK(now.at("process_cpu_seconds_total") > 0);
  CHECK(now.at("process_start_time_seconds") > before_start - 60);
  CHECK(now.at("process_start_time_seconds") < double(::time(nullptr)) + 60);
}

} // namespace

TEST_CASE("promtool finds no fault in /metrics") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=%D0%BA%D1%83%D1%85%D0%BD%D1%8F"};
  alice.say("hello");
  alice.hears();
  alice.send_text("rubbish");
  alice.gets("error");
  const auto answer = fetch(hub.port(), "/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  temp_dir folder;
  const auto file = folder.write("metrics", answer.body);
  const auto told = run({"/bin/sh", {"-c", "promtool check metrics <\"$0\"", file}});
  CHECK(told.code == 0);
  CHECK(told.out + told.err == "");
}

TEST_CASE_TEMPLATE("scrapes during traffic count exactly what happened", database, sqlite,
                   postgres) {
  const auto before_start = double(::time(nullptr));
  database db;
  hub hub{db};
  std::vector<visitor> all;
  for (int i = 0; i < 3; ++i)
    all.emplace_back(hub);
  auto& alice = all.front();
  constexpr std::size_t count = 500;
  samples before;
  for (std::size_t said = 0; said < count; said += 50) {
    alice.say_all(numbered("message", 50));
    const auto now = scrape(hub);
    for (const auto& [name, value] : before)
      if (name.find("_total") != name.npos || name.find("_count") != name.npos)
        CHECK(now.at(name) >= value);
    CHECK(now.at("hubbub_messages_stored_total") <= double(said + 50));
    CHECK(now.at("hubbub_messages_delivered_total") <= double(all.size() * (said + 50)));
    before = now;
  }
  for (auto& each : all)
    each.hears_texts(count);
  alice.say("the same", "key");
  alice.say("the same", "key");
  alice.send_text("{}");
  for (std::size_t i = 1; i < all.size(); ++i)
    all[i].hears();
  std::multiset<std::string> heard; // the order of these frames is not promised
  for (int i = 0; i < 4; ++i)
    heard.insert(alice.hears_any().at("type"));
  CHECK(heard == std::multiset<std::string>{"ack", "ack", "error", "message"});

  wait_for_value(hub, "hubbub_messages_delivered_total", double(all.size() * (count + 1)));
  wait_for_value(hub, "hubbub_backlog_bytes", 0);
  const auto now = scrape(hub);
  CHECK(now.at("hubbub_messages_accepted_total") == count + 2);
  CHECK(now.at("hubbub_messages_stored_total") == count + 1);
  CHECK(now.at("hubbub_messages_found_total") == 1);
  CHECK(now.at("hubbub_newest_message_id") == std::stod(db.value("select max(id) from messages")));
  for (const auto& [code, refused] : labelled(now, "hubbub_frames_refused_total"))
    CHECK(refused == (code == "code=\"no_type\"" ? 1 : 0));

  // The histogram has all deliveries but those that waited for a socket.
  const auto timed = now.at("hubbub_delivery_seconds_count");
  CHECK(timed > 0);
  CHECK(timed <= double(all.size() * (count + 1)));
  CHECK(now.at("hubbub_delivery_seconds_bucket{le=\"+Inf\"}") == timed);
  CHECK(now.at("hubbub_delivery_seconds_sum") > 0);
  const auto batches = now.at("hubbub_commit_seconds_count");
  CHECK(batches >= 1);
  CHECK(batches <= count + 2);

  CHECK(now.at("hubbub_sent_bytes_total") > double(all.size() * count * 100));
  CHECK(now.at("hubbub_database_up") == 1);
  check_process_metrics(now, before_start);
}

TEST_CASE("connections are counted when they open, and by their close code when they end") {
  sqlite db;
  hub hub{db};
  visitor stays{hub};
  visitor{hub}.leave();
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"1000\"}", 1);
  visitor{hub}.transport().reset();
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"1006\"}", 1);
  visitor rude{hub};
  rude.send_binary("{}");
  rude.next_close();
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"1003\"}", 1);
  visitor long_winded{hub};
  long_winded.send_text(std::string(25'000, 'x')); // over 16 KiB and MAX_DATA
  long_winded.next_close();
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"1009\"}", 1);
  visitor foreign{hub};
  foreign.send_text("\xff");
  foreign.next_close();
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"1007\"}", 1);
  visitor odd{hub};
  odd.close(4000);
  wait_for_value(hub, "hubbub_connections_closed_total{code=\"other\"}", 1);
  const auto now = scrape(hub);
  CHECK(now.at("hubbub_connections_opened_total") == 7);
  CHECK(now.at("hubbub_connections") == 1);
}

TEST_CASE("the fullest rooms have samples of their own, and all others share one") {
  sqlite db;
  hub hub{db};
  std::vector<visitor> all;
  for (int room = 1; room <= 30; ++room)
    for (int member = 0; member < (room == 7 ? 3 : 1); ++member)
      all.emplace_back(hub, "?room=r" + std::to_string(room));
  visitor tricky{hub, "?room=other"};
  wait_for_value(hub, "hubbub_rooms", 31);
  const auto members = labelled(scrape(hub), "hubbub_room_members");
  CHECK(members.size() == 21);
  CHECK(members.at("room=\"r7\"") == 3);
  CHECK(members.at("room=\"(other)\"") == 11);
  double sum = 0;
  for (const auto& [room, count] : members)
    sum += count;
  CHECK(sum == 33);
  all.clear();
  wait_for_value(hub, "hubbub_rooms", 1);
  CHECK(labelled(scrape(hub), "hubbub_room_members") ==
        samples{{"room=\"other\"", 1}, {"room=\"(other)\"", 0}});
}

TEST_CASE("a slow reader is counted until it has read everything, with its lag") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  visitor sleeper{hub, "", {.receive_buffer = 16384}};
  SUBCASE("in one room") {}
  SUBCASE("in one room and in a quiet one, of which it misses nothing") {
    sleeper.enter("quiet");
  }
  constexpr std::size_t count = 8'000;
  const std::vector<std::string> some(250, std::string(1000, 'x'));
  for (std::size_t said = 0; said < count; said += some.size()) {
    alice.say_all(some);
    alice.hears_texts(some.size());
  }
  wait_for_value(hub, "hubbub_slow_readers", 1);
  // Bytes in the kernel's buffers count as delivered. The lag is updated once a second.
  samples now;
  eventually("each message to be either written or in the lag", [&] {
    now = scrape(hub);
    const auto written = now.at("hubbub_messages_delivered_total") - double(count);
    return written + now.at("hubbub_slow_readers_lag_messages") == double(count);
  });
  CHECK(now.at("hubbub_slow_readers_lag_bytes") > 10'000);
  CHECK(now.at("hubbub_slow_readers_lag_bytes") < 1'000'000);
  const auto told = fetch(hub.port(), "/ws-info").json();
  REQUIRE(told["slow_readers"].size() == 1);
  CHECK(told["slow_readers"][0]["connection_id"] == sleeper.id());
  sleeper.hears_texts(count);
  wait_for_value(hub, "hubbub_slow_readers", 0);
  wait_for_value(hub, "hubbub_messages_delivered_total", 2 * double(count));
  CHECK(scrape(hub).at("hubbub_past_messages_read_total") > 1000);
}

TEST_CASE("the metrics show an outage while it lasts") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  wait_for_value(hub, "hubbub_database_up", 1);
  postgres::cluster().stop();
  alice.say("patience");
  wait_for_value(hub, "hubbub_database_up", 0);
  const auto now = scrape(hub);
  CHECK(now.at("hubbub_database_failures_total") >= 1);
  CHECK(now.at("hubbub_backlog_bytes") > 500);
  CHECK(now.at("hubbub_backlog_limit_bytes") > now.at("hubbub_backlog_bytes"));
  postgres::cluster().start();
  alice.hears();
  wait_for_value(hub, "hubbub_database_up", 1);
  wait_for_value(hub, "hubbub_backlog_bytes", 0);
  CHECK(scrape(hub).at("hubbub_database_retries_total") >= 1);
}

TEST_SUITE_END();
