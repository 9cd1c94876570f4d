// A PostgreSQL that restarts, and a DATABASE_URL with several servers.
#include "tests/support/postgres.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <functional>

using namespace test;

TEST_SUITE_BEGIN("servers");

namespace {

int health(const hub& whom) {
  return fetch(whom.port(), "/health").status;
}

std::string with_hosts(const std::string& hosts, const std::string& name) {
  return "postgresql://hubbub:secret@" + hosts + '/' + name;
}

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

TEST_CASE("the first answer of /health after a restart of PostgreSQL is right") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  CHECK(alice.hears()["text"] == "before");
  std::function<void()> restart;
  SUBCASE("without a request in between") {
    restart = [] { postgres::cluster().restart(); };
  }
  SUBCASE("after a kill") {
    restart = [] {
      postgres::cluster().kill();
      postgres::cluster().start();
    };
  }
  SUBCASE("with a request in between") {
    restart = [&] {
      postgres::cluster().stop();
      eventually("the hub to notice it", [&] { return health(hub) == 503; });
      postgres::cluster().start();
    };
  }
  SUBCASE("with messages that wait") {
    restart = [&] {
      postgres::cluster().stop();
      alice.say("while it was away");
      eventually("the hub to notice it", [&] { return health(hub) == 503; });
      postgres::cluster().start();
    };
  }
  // The hub has to answer within a second. Without a processor it may need longer, but not each
  // time. A hub with a fault gives its wrong answer within that second.
  for (int tries = 5;; --tries) {
    restart();
    const auto asked = deadline::clock::now();
    if (health(hub) == 200)
      break;
    CHECK(deadline::clock::now() - asked > 800ms);
    REQUIRE(tries > 1);
    eventually("the hub to notice that it is back", [&] { return health(hub) == 200; });
  }
  CHECK(fetch(hub.port(), "/messages?room=lobby").status == 200);
}

TEST_CASE("the hub uses and names a server of the list that answers and accepts messages") {
  postgres db;
  const auto primary = at(postgres::cluster().port());
  std::unique_ptr<postgres_cluster> standby;
  std::string hosts;
  SUBCASE("the first one is down") {
    hosts = at(1) + ',' + primary;
  }
  SUBCASE("the second one is down") {
    hosts = primary + ',' + at(1);
  }
  SUBCASE("the first one takes no messages") {
    standby = std::make_unique<postgres_cluster>();
    const auto admin = standby->session("postgres");
    admin->sql("create database " + db.name());
    admin->sql("alter system set default_transaction_read_only = on");
    admin->sql("select pg_reload_conf()");
    hosts = at(standby->port()) + ',' + primary;
  }
  const auto url = with_hosts(hosts, db.name());
  const auto told =
      run(hub_command({{"DATABASE_URL", url}, {"HOST", "127.0.0.1"}, {"PORT", "0"}}, {"doctor"}));
  CAPTURE(told.out);
  const auto in_use = "127.0.0.1 port " + std::to_string(postgres::cluster().port());
  CHECK(told.out.find(in_use) != std::string::npos);
  CHECK(told.out.find("secret") == std::string::npos);

  hub one{settings{{"DATABASE_URL", url}}}, two{settings{{"DATABASE_URL", url}}};
  one.logs(in_use);
  visitor alice{one}, bob{two};
  alice.say("hello");
  CHECK(bob.hears()["text"] == "hello");
  postgres::cluster().kill();
  postgres::cluster().start();
  bob.say("again");
  CHECK(alice.hears()["text"] == "hello");
  CHECK(alice.hears()["text"] == "again");
  CHECK(one.server().log().find("secret") == std::string::npos);
}

TEST_SUITE_END();
