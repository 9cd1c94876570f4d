// A standby that lacks the last messages becomes the primary. The hub goes on after a fork, and
// tells its clients what was lost.
#include "tests/server/exposition.hpp"
#include "tests/server/forks.hpp"
#include "tests/server/health.hpp"
#include "tests/server/standby.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/socket.hpp"

#include <deque>
#include <functional>

using namespace test;

TEST_SUITE_BEGIN("failover");

namespace {

/// Ends every session of hubs with that server.
void end_sessions(const postgres_cluster& of) {
  of.session("postgres")
      ->sql("select pg_terminate_backend(pid) from pg_stat_activity where "
            "application_name like 'hubbub%'");
}

void take_no_writes(const postgres_cluster& server, bool none) {
  const auto admin = server.session("postgres");
  admin->sql(none ? "alter system set default_transaction_read_only = on"
                  : "alter system reset default_transaction_read_only");
  admin->sql("select pg_reload_conf()");
  eventually("the setting to be applied", [&] {
    return server.session("postgres")->sql("show default_transaction_read_only")[0][0] ==
           (none ? "on" : "off");
  });
}

/// A port of 127.0.0.1 that answers nothing. Its queue of connections is full, so the kernel drops
/// the packets of new ones, as a host does that is off.
class silent_host {
public:
  silent_host() : socket_{new_socket()} {
    auto where = endpoint("127.0.0.1", 0);
    socklen_t size = sizeof where;
    auto* const raw = reinterpret_cast<sockaddr*>(&where);
    checked(::bind(socket_.get(), raw, size), "bind");
    checked(::listen(socket_.get(), 0), "listen");
    checked(::getsockname(socket_.get(), raw, &size), "getsockname");
    port_ = ntohs(where.sin_port);
    for (int i = 0; i < 4; ++i) {
      waiting_.push_back(new_socket());
      connect_to(port_, waiting_.back());
    }
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
  descriptor socket_;
  std::uint16_t port_ = 0;
  std::deque<descriptor> waiting_;
};

} // namespace

TEST_CASE("after a failover all clients are told what was lost, and keyed messages come back") {
  replicated_database db;
  hub hub{db.both()};
  visitor alice{hub}, bob{hub};
  const auto kept = stored(alice, "kept", "k1");
  CHECK(bob.hears()["id"] == kept);
  db.cut();
  const auto lost = stored(alice, "lost", "k2");
  CHECK(bob.hears()["id"] == lost);
  CHECK(alice.init.find("fork") == alice.init.end());
  db.fail_over();
  const auto promoted = std::chrono::steady_clock::now();

  const auto told = bob.gets("fork");
  record_measurement("a client is told after the promoted server takes writes", 5s,
                     std::chrono::steady_clock::now() - promoted);
  const auto first = check_fork(told, kept, lost);
  CHECK(told["room"] == "lobby");
  CHECK(alice.gets("fork") == told);
  wait_for_status(hub, "healthy", patience);

  visitor carol{hub, from_id(alice, lost)};
  CHECK(carol.init["resumed"] == true);
  CHECK(carol.init["fork"] == json{{"after", kept}, {"first", first}});
  const auto again = stored(alice, "lost", "k2");
  CHECK(again >= first);
  const auto message = bob.hears();
  CHECK(message["id"] == again);
  CHECK(carol.hears() == message);
  CHECK(stored(alice, "kept", "k1 of another") > again);

  visitor before_the_gap{hub, from_id(alice, kept)};
  CHECK(before_the_gap.init["fork"] == carol.init["fork"]);
  CHECK(before_the_gap.hears() == message);
  visitor after_the_gap{hub, from_id(alice, again)};
  CHECK(after_the_gap.init["resumed"] == true);
  CHECK(after_the_gap.init.find("fork") == after_the_gap.init.end());
  CHECK(after_the_gap.hears()["text"] == "kept");

  const auto health = health_of(hub);
  INFO(health.dump());
  CHECK(health["fork"]["after"] == kept);
  CHECK(health["fork"]["first"] == first);
  CHECK(health["fork"]["lost_at_most"] == lost - kept);
  CHECK(db.on_standby("select text from messages order by id") ==
        rows{{"kept"}, {"lost"}, {"kept"}});
}

TEST_CASE("a hub that was not running at the loss tells its clients of it") {
  replicated_database db;
  hub hub{db.both()};
  std::optional<visitor> alice{hub};
  const auto kept = stored(*alice, "kept", "k1");
  db.cut();
  const auto lost = stored(*alice, "lost", "k2");
  SUBCASE("a hub that was stopped") {
    CHECK(hub.stop() == 0);
  }
  SUBCASE("a hub that was killed") {
    hub.kill();
  }
  db.fail_over();
  hub.start();
  visitor again{hub, from_id(*alice, lost)};
  CHECK(again.init["resumed"] == true);
  const auto first = check_fork(again.init["fork"], kept, lost);
  CHECK(stored(again, "lost", "k2") >= first);
  CHECK(stored(again, "kept", "k3") > first);
}

TEST_CASE("several hubs make one fork for one loss") {
  replicated_database db;
  hub one{db.both()}, two{db.both()};
  visitor alice{one}, bob{two};
  const auto kept = stored(alice, "kept", "k1");
  CHECK(bob.hears()["id"] == kept);
  db.cut();
  const auto lost = stored(alice, "lost", "k2");
  CHECK(bob.hears()["id"] == lost);
  SUBCASE("both are there") {
    db.fail_over();
  }
  SUBCASE("one of them is paused meanwhile") {
    two.pause();
    db.fail_over();
    check_fork(alice.gets("fork"), kept, lost);
    stored(alice, "after", "k3");
    two.resume();
  }
  const auto told = bob.gets("fork");
  const auto first = check_fork(told, kept, lost);
  CHECK(stored(alice, "new", "k4") >= first);
  eventually("the other hub to show it", [&] { return bob.hears()["text"] == "new"; });
  CHECK(db.on_standby("select value from hubbub_meta where name = 'forks'") ==
        rows{{"[[" + std::to_string(kept) + ',' + std::to_string(first) + "]]"}});
}

TEST_CASE("a promotion that loses nothing makes an empty fork") {
  replicated_database db;
  hub hub{db.both()};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  eventually("the standby to have it", [&] { return db.standby->has_all_of(db.primary); });
  db.fail_over();
  const auto first = check_fork(alice.gets("fork"), kept, kept);
  CHECK(stored(alice, "kept too", "k2") >= first);
  CHECK(health_of(hub)["fork"]["lost_at_most"] == 0);
}

TEST_CASE("a second failover makes another fork, and who missed both is told of both") {
  replicated_database db;
  hub hub{db.both()};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  db.cut();
  const auto lost = stored(alice, "lost", "k2");
  db.fail_over();
  check_fork(alice.gets("fork"), kept, lost);
  const auto between = stored(alice, "between", "k3");
  db.primary.follow(*db.standby);
  db.primary.stop_following(*db.standby);
  const auto lost_later = stored(alice, "lost later", "k4");
  db.standby->kill();
  db.primary.promote();
  const auto first = check_fork(alice.gets("fork"), between, lost_later);
  visitor bob{hub, from_id(alice, lost)};
  CHECK(bob.init["fork"] == json{{"after", kept}, {"first", first}});
  CHECK(bob.hears()["id"] == between);
  visitor carol{hub, from_id(alice, lost_later)};
  CHECK(carol.init["fork"] == json{{"after", between}, {"first", first}});
  CHECK(stored(carol, "lost", "k2") >= first);
}

TEST_CASE("ids that were lost with the record of their fork are not given again") {
  replicated_database db;
  hub hub{db.both()};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  db.cut();
  stored(alice, "lost", "k2");
  hub.pause();
  db.fail_over();
  db.primary.follow(*db.standby); // before any hub has made the fork
  db.primary.stop_following(*db.standby);
  hub.resume();
  alice.gets("fork");
  const auto lost = stored(alice, "lost too", "k3");
  SUBCASE("the hub runs on") {}
  SUBCASE("the hub is restarted meanwhile") {
    hub.stop();
    hub.start();
  }
  db.standby->kill();
  db.primary.promote();
  visitor bob{hub, from_id(alice, lost)};
  CHECK(bob.init["resumed"] == true);
  const auto id = stored(bob, "new", "k4");
  CHECK(id >= lost + fork_distance);
  CHECK(bob.init["fork"]["after"] == kept);
}

TEST_CASE("a host that does not answer at all keeps no hub from the other one") {
  postgres db;
  const silent_host off;
  const auto primary = "127.0.0.1:" + std::to_string(postgres::cluster().port());
  std::string hosts;
  SUBCASE("the first one") {
    hosts = off.address() + ',' + primary;
  }
  SUBCASE("the second one") {
    hosts = primary + ',' + off.address();
  }
  hub hub{settings{{"DATABASE_URL", "postgresql://hubbub:secret@" + hosts + '/' + db.name()}}};
  visitor alice{hub};
  stored(alice, "one", "k1");
  postgres::cluster().restart();
  stored(alice, "two", "k2");
  wait_for_status(hub, "healthy", patience);
}

TEST_CASE("a hub that has seen a promoted server stays away from the old primary") {
  replicated_database db;
  hub hub{db.both()};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  db.cut();
  const auto lost = stored(alice, "lost", "k2");
  take_no_writes(db.primary, true); // so that the hub connects to the other server
  db.standby->promote();
  end_sessions(db.primary);
  const auto first = check_fork(alice.gets("fork"), kept, lost);
  CHECK(stored(alice, "new", "k3") >= first);

  take_no_writes(db.primary, false); // the old primary is the first server of the address
  SUBCASE("while the new primary runs") {
    end_sessions(*db.standby);
    hub.logs("old primary");
    CHECK(stored(alice, "newer", "k4") > first);
  }
  SUBCASE("while the new primary is away") {
    db.standby->stop();
    alice.say("newer", "k4");
    hub.logs("old primary");
    wait_for_status(hub, "degraded", patience);
    db.standby->start();
    CHECK(alice.hears_any()["type"] != "error");
  }
  wait_for_status(hub, "healthy", patience);
  CHECK(db.primary.session("log")->sql("select text from messages order by id") ==
        rows{{"kept"}, {"lost"}});
  CHECK(db.on_standby("select text from messages order by id") ==
        rows{{"kept"}, {"new"}, {"newer"}});
}

TEST_SUITE_END();
