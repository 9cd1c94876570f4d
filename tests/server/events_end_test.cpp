// Server-sent events: slow readers, outages, and the stop of the hub.
#include "tests/server/events.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <csignal>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("events");

TEST_CASE("a line that is not read costs bounded memory, and gets everything later") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "65536"}}};
  visitor alice{hub};
  event_line sleeper{hub, "", {}, connect_options{.receive_buffer = 16384}};
  sleeper.gets("init");
  std::string query;
  SUBCASE("with one room") {
    query = "";
  }
  SUBCASE("with several rooms") {
    query = "?room=lobby&room=garden";
  }
  event_line other{hub, query, {}, small_buffers};
  other.gets("init");
  const std::string long_text(900, 'x');
  constexpr std::size_t waves = 60, wave = 250;
  std::size_t before = 0;
  for (std::size_t said = 0; said < waves; ++said) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < wave; ++i)
      texts.push_back(long_text + std::to_string(said * wave + i));
    alice.say_all(texts);
    alice.hears_texts(wave);
    if (said == waves / 4)
      before = hub.resident();
  }
  const auto after = hub.resident();
  if (!is_instrumented())
    CHECK(after < before + (8 << 20)); // of about 14 MB
  for (auto* line : {&sleeper, &other})
    for (std::size_t i = 0; i < waves * wave; ++i) {
      auto event = line->next();
      while (event && event->type != "message")
        event = line->next();
      REQUIRE(event);
      REQUIRE(json::parse(event->data)["text"] == long_text + std::to_string(i));
    }
}

TEST_CASE("a stop tells a line when to return, behind everything that was published") {
  sqlite db;
  hub hub{db};
  std::vector<std::unique_ptr<event_line>> lines;
  for (const auto* query : {"", "?room=lobby&room=garden", ""}) {
    lines.push_back(std::make_unique<event_line>(hub, query));
    lines.back()->gets("init");
  }
  visitor alice{hub};
  alice.say_all(numbered("message", 500));
  alice.hears();
  hub.server().signal(SIGTERM);
  std::set<std::size_t> returns;
  std::vector<std::string> heard_by_all;
  for (auto& line : lines) {
    std::vector<std::string> texts;
    auto event = line->next();
    for (; event && event->type != "close"; event = line->next())
      if (event->type == "message")
        texts.push_back(json::parse(event->data)["text"]);
    REQUIRE(event);
    const auto end = json::parse(event->data);
    CHECK(end["code"] == 1012);
    CHECK(end["retry_after_ms"] == line->stream.retry());
    returns.insert(end["retry_after_ms"].get<std::size_t>());
    CHECK_FALSE(line->next());
    CHECK_FALSE(line->peer.was_reset());
    if (heard_by_all.empty())
      heard_by_all = texts;
    CHECK(texts == heard_by_all);
  }
  CHECK(returns.size() == lines.size());
  CHECK_THROWS_AS(
      [&] {
        for (;;)
          alice.hears_any();
      }(),
      closed);
  CHECK(hub.stop() == 0);
  CHECK(db.value("select count(*) from messages") == std::to_string(heard_by_all.size()));
}

TEST_CASE("while the database is away a line is open, and begins when it is back") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  alice.hears();
  postgres::cluster().kill();
  eventually("the hub notices", [&] { return fetch(hub.port(), "/health").status == 503; });
  event_line line{hub, "?room=garden"}; // has no tail
  CHECK(line.head.status == 200);
  postgres::cluster().start();
  CHECK(line.gets("init")["room"] == "garden");
  visitor bob{hub, "?room=garden"};
  bob.say("after");
  CHECK(line.gets("message")["text"] == "after");
}

TEST_SUITE_END();
