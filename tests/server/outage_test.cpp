// The database becomes unavailable in different ways and comes back. Nothing is shown before it is
// stored, and every accepted message is shown once afterwards.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("outage");

namespace {

void check_all_in_order(visitor& someone, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto message = someone.hears();
    CHECK(message["text"] == texts[i]);
    CHECK(message["user_message_number"] == i + 1);
  }
}

void stored_once(const database& db, std::size_t count) {
  CHECK(db.sql("select count(*), count(distinct text), max(user_message_number) from messages") ==
        rows{{std::to_string(count), std::to_string(count), std::to_string(count)}});
}

} // namespace

TEST_CASE("messages that are sent during an outage are shown once, after they are stored") {
  postgres db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  SUBCASE("killed") {
    postgres::cluster().kill();
  }
  SUBCASE("stopped in order") {
    postgres::cluster().stop();
  }
  SUBCASE("stopped at once") {
    postgres::cluster().stop(stop_mode::immediate);
  }
  SUBCASE("hanging") {
    postgres::cluster().pause();
  }
  alice.say_all(numbered("message", 20));
  CHECK(bob.hears_any(500ms).is_null());
  CHECK(alice.hears_any(0s).is_null());
  postgres::cluster().start();
  check_all_in_order(bob, numbered("message", 20));
  check_all_in_order(alice, numbered("message", 20));
  stored_once(db, 20);
}

TEST_CASE("no message is lost or repeated when database sessions end during traffic") {
  postgres db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  auto texts = numbered("message", 1000);
  auto admin = db.session();
  for (std::size_t sent = 0; sent < texts.size(); sent += 50) {
    alice.say_all({texts.begin() + sent, texts.begin() + sent + 50});
    admin->sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
               "current_database() and pid <> pg_backend_pid()");
  }
  check_all_in_order(bob, texts);
  stored_once(db, texts.size());
}

TEST_CASE("no message is lost or repeated when the database is killed during traffic") {
  postgres db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  auto texts = numbered("message", 1000);
  for (std::size_t sent = 0; sent < texts.size(); sent += 250) {
    alice.say_all({texts.begin() + sent, texts.begin() + sent + 250});
    postgres::cluster().kill();
    postgres::cluster().start();
  }
  check_all_in_order(bob, texts);
  stored_once(db, texts.size());
}

TEST_CASE("the hub starts without its database and works as soon as the database is there") {
  postgres db;
  postgres::cluster().stop();
  hub hub{db};
  CHECK(fetch(hub.port(), "/health").status == 503);
  ws_client early{hub.port()};
  CHECK_FALSE(early.has_next(300ms));
  postgres::cluster().start();
  auto init = early.next();
  CHECK(init["type"] == "init");
  CHECK(init["log"].get<std::string>().size() == 36);
  visitor bob{hub};
  bob.say("hello");
  CHECK(bob.hears()["text"] == "hello");
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
}

TEST_CASE("the hub waits for a SQLite file that another program has locked") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  auto other = db.session();
  other->sql("begin immediate");
  alice.say_all(numbered("message", 20));
  CHECK(bob.hears_any(500ms).is_null());
  other.reset();
  check_all_in_order(bob, numbered("message", 20));
  stored_once(db, 20);
}

TEST_CASE("during an outage, senders of messages beyond the backlog's bound get busy") {
  postgres db;
  hub hub{db};
  std::vector<visitor> crowd; // each client is alone in its room and gets only its own messages
  for (int i = 0; i < 200; ++i)
    crowd.emplace_back(hub, "?room=room-" + std::to_string(i));
  postgres::cluster().pause();
  for (auto& someone : crowd)
    someone.say_all(std::vector<std::string>(200, std::string(1000, 'x')));
  std::size_t shown = 0, refused = 0;
  const auto hears = [&](visitor& someone, deadline until) {
    const auto frame = someone.hears_any(until);
    if (frame.is_null())
      return false;
    if (frame["type"] == "message") {
      ++shown;
    } else {
      ++refused;
      CHECK(frame["code"] == "busy");
    }
    return true;
  };
  // The hub closes a connection that sends nothing for a minute. On a busy machine, reading the
  // other clients may take that long.
  auto send_pongs = [&, shown = deadline::clock::now()]() mutable {
    if (deadline::clock::now() - shown < 5s)
      return;
    shown = deadline::clock::now();
    for (auto& someone : crowd)
      someone.send_frame({opcode::pong, ""});
  };
  std::vector<int> heard(crowd.size());
  eventually("a first answer", [&] {
    send_pongs();
    for (std::size_t i = 0; i < crowd.size(); ++i)
      if (hears(crowd[i], 0s))
        return bool(++heard[i]);
    return false;
  });
  postgres::cluster().resume();
  for (std::size_t i = 0; i < crowd.size(); ++i, send_pongs())
    for (; heard[i] < 200; ++heard[i])
      REQUIRE(hears(crowd[i], patience));
  CHECK(refused > 0);
  CHECK(db.value("select count(*) from messages") == std::to_string(shown));
}

TEST_SUITE_END();
