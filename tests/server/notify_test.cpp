// The notifications to the service manager: the hub is ready, alive or stopping.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"
#include "tests/support/visitor.hpp"

#include <cstring>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace test;

TEST_SUITE_BEGIN("notify");

namespace {

/// The service manager's side of sd_notify(3).
class service_manager {
public:
  service_manager() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{AF_UNIX, {}};
    const auto path = this->path();
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  std::string path() const { return (folder_.path() / "notify").string(); }

  /// The settings of a hub that the manager would restart after `silence`.
  settings watched(std::chrono::microseconds silence) const {
    return {{"NOTIFY_SOCKET", path()}, {"WATCHDOG_USEC", std::to_string(silence.count())}};
  }

  std::string next(deadline until = patience) {
    wait_for(socket_.get(), POLLIN, until, "a word of the hub");
    std::string text(4096, '\0');
    const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
    REQUIRE(size > 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
  }

  /// The next notification that contains `what`. Only watchdog notifications may come before it.
  std::string hears(const std::string& what, deadline until = patience) {
    for (;;) {
      auto word = next(until);
      if (word.find(what) != word.npos)
        return word;
      CAPTURE(word);
      REQUIRE(word.starts_with("WATCHDOG=1\n"));
    }
  }

  /// Waits until the hub sends nothing for that time.
  void wait_for_silence(std::chrono::milliseconds of, deadline until = patience) {
    try {
      while (!until.passed())
        next(of);
    } catch (const timeout&) {
      return;
    }
    FAIL("the hub is never silent");
  }

private:
  temp_dir folder_;
  descriptor socket_;
};

} // namespace

TEST_CASE("a hub notifies when it listens and when it stops") {
  service_manager manager;
  sqlite db;
  hub hub{db, {{"NOTIFY_SOCKET", manager.path()}}};
  const auto ready = manager.next();
  CHECK(ready.starts_with("READY=1\nSTATUS="));
  CHECK(ready.find(std::to_string(hub.port())) != ready.npos);
  visitor alice{hub};
  hub.server().signal(15);
  CHECK(manager.next().starts_with("STOPPING=1\nSTATUS="));
  CHECK(alice.next_close().code == 1012);
  CHECK(hub.stop() == 0);
}

TEST_CASE("a watched hub sends watchdog notifications, also during an outage of its database") {
  service_manager manager;
  postgres db;
  hub hub{db, manager.watched(600ms)};
  manager.hears("READY=1");
  manager.hears("WATCHDOG=1\nSTATUS=the log is well");
  postgres::cluster().pause();
  manager.hears("WATCHDOG=1\nSTATUS=the log is away");
  manager.hears("WATCHDOG=1\nSTATUS=the log is away");
  postgres::cluster().resume();
  manager.hears("WATCHDOG=1\nSTATUS=the log is well");
  hub.server().signal(15);
  manager.hears("STOPPING=1");
  CHECK(hub.stop() == 0);
}

TEST_CASE("a hub sends no watchdog notification while one of its threads is stalled") {
  service_manager manager;
  sqlite db;
  auto watched = manager.watched(600ms);
  watched["THREADS"] = "2";
  hub hub{db, watched};
  manager.hears("READY=1");
  manager.hears("WATCHDOG=1\nSTATUS=the log is well");
  {
    std::string name;
    for (const auto* each : {"io 2", "door", "persistence", "health"})
      SUBCASE(each) {
        name = each;
      }
    const stall one{hub.server().pid(), name};
    manager.wait_for_silence(1200ms);
  }
  manager.hears("WATCHDOG=1\nSTATUS=the log is well");
  CHECK(hub.stop() == 0);
}

TEST_CASE("a hub that is not watched sends nothing between its start and its stop") {
  service_manager manager;
  sqlite db;
  hub hub{db, {{"NOTIFY_SOCKET", manager.path()}}};
  manager.hears("READY=1");
  manager.wait_for_silence(300ms);
  CHECK(hub.stop() == 0);
  CHECK(manager.next().starts_with("STOPPING=1\n"));
}

TEST_SUITE_END();
