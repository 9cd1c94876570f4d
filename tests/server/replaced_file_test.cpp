// The SQLite file of a running hub is moved, replaced or deleted. The hub acknowledges nothing that
// is lost. After an orderly stop the file is complete.
#include "tests/server/health.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <set>

using namespace test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("replaced");

TEST_CASE(
    "no message is acknowledged while the file is not in its place, and all are when it is back") {
  sqlite db;
  const fs::path file = db.file();
  const auto folder = file.parent_path();
  auto aside = folder;
  aside += "-aside";
  hub hub{db};
  visitor alice{hub};
  alice.say("before", "k1");
  CHECK(alice.hears_any().is_object());
  CHECK(alice.hears_any().is_object());
  std::function<void()> back;
  SUBCASE("the file moved") {
    fs::rename(file, file.string() + ".bak");
    back = [&] { fs::rename(file.string() + ".bak", file); };
  }
  SUBCASE("the folder moved") {
    fs::rename(folder, aside);
    back = [&] { fs::rename(aside, folder); };
  }
  SUBCASE("replaced by a copy") {
    fs::rename(file, file.string() + ".bak");
    fs::copy_file(file.string() + ".bak", file);
    back = [&] { fs::rename(file.string() + ".bak", file); };
  }
  SUBCASE("its -wal file moved") {
    fs::rename(file.string() + "-wal", file.string() + ".bak");
    back = [&] { fs::rename(file.string() + ".bak", file.string() + "-wal"); };
  }
  alice.say("after", "k2");
  wait_for_status(hub, "degraded", patience);
  eventually("a reason that names the file", [&] {
    return health_of(hub).value("reason", "").find("hubbub.db") != std::string::npos;
  });
  hub.logs("nothing is stored until");
  CHECK_FALSE(alice.has_next(0s));
  back();
  std::multiset<std::string> heard{alice.hears_any()["type"], alice.hears_any()["type"]};
  CHECK(heard == std::multiset<std::string>{"ack", "message"});
  wait_for_status(hub, "healthy", patience);
  hub.stop();
  CHECK(db.sql("select text from messages order by id") == rows{{"before"}, {"after"}});
}

TEST_CASE("a running hub does not create its file again after it was deleted") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  alice.hears();
  for (const auto* end : {"", "-wal", "-shm"})
    fs::remove(db.file() + end);
  alice.say("after", "k");
  wait_for_status(hub, "degraded", patience);
  eventually("a reason that says so", [&] {
    return health_of(hub).value("reason", "").find("deleted or moved") != std::string::npos;
  });
  CHECK_FALSE(alice.has_next(0s));
  hub.stop();
  CHECK_FALSE(fs::exists(db.file()));
}

TEST_CASE("after a stop, a copy of the file without its -wal is complete") {
  sqlite db;
  for (int round = 1; round <= 5; ++round) {
    hub hub{db};
    visitor alice{hub}, bob{hub, "?room=other"};
    alice.say("hello");
    alice.hears();
    health_of(hub); // opens every session of the hub
    fetch(hub.port(), "/messages");
    alice.leave();
    bob.leave();
    CHECK(hub.stop() == 0);
    CHECK_FALSE(fs::exists(db.file() + "-wal"));
    sqlite copy;
    fs::copy_file(db.file(), copy.file());
    CHECK(copy.value("select count(*) from messages") == std::to_string(round));
  }
}

TEST_CASE("after a stop, the file contains what was in a -wal file that was deleted") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("hello");
  alice.hears();
  fs::remove(db.file() + "-wal");
  wait_for_status(hub, "degraded", patience);
  hub.stop();
  CHECK(db.value("select count(*) from messages") == "1");
}

TEST_SUITE_END();
