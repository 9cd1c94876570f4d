// An older state of the database comes back without a promoted server that would show it: a dump or
// a copy of a file is restored, or rows are removed. `hubbub restored` makes the fork where the hub
// cannot find the loss by itself.
#include "tests/server/forks.hpp"
#include "tests/server/health.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <filesystem>

using namespace test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("restored");

namespace {

outcome run_restored(const std::string& url) {
  auto told = run(hub_command({{"DATABASE_URL", url}}, {"restored"}));
  CAPTURE(told.out);
  CAPTURE(told.err);
  CHECK((told.out + told.err).find("secret") == std::string::npos);
  return told;
}

/// Runs the command, and checks that it says up to which id messages are kept.
void say_restored(const std::string& url, std::int64_t kept) {
  const auto told = run_restored(url);
  CHECK(told.code == 0);
  CHECK(told.out.find(' ' + std::to_string(kept)) != std::string::npos);
}

/// Removes the newest rows, and lets ids go on after those that are left, as a restored dump does.
void remove_after(const database& db, std::int64_t kept) {
  const auto id = std::to_string(kept);
  const bool sqlite = db.url().starts_with("sqlite");
  db.sql("delete from messages where id > " + id + "; " +
         (sqlite ? "update sqlite_sequence set seq = " + id + " where name = 'messages'"
                 : "select setval(pg_get_serial_sequence('messages', 'id'), " + id + ")"));
}

} // namespace

TEST_CASE("every hub goes on by itself when the messages are removed and ids begin anew") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  std::int64_t newest = 0;
  for (const auto& word : numbered("word", 3)) {
    newest = stored(alice, word, word);
    CHECK(bob.hears()["id"] == newest);
  }
  db.sql("truncate messages restart identity");
  alice.say("new", "k");
  const auto told = hears_fork(alice);
  const auto first = check_fork(told, 0, newest);
  CHECK(bob.gets("fork") == told);
  const auto message = bob.hears();
  CHECK(message["id"] >= first);
  CHECK(message["text"] == "new");
  wait_for_status(one, "healthy", patience);
  wait_for_status(two, "healthy", patience);
  CHECK(db.value("select value from hubbub_meta where name = 'forks'") ==
        "[[0," + std::to_string(first) + "]]");
}

TEST_CASE_TEMPLATE("the command restored makes a fork for hubs that were stopped", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  std::optional<visitor> alice{hub};
  const auto kept = stored(*alice, "kept", "k1");
  const auto lost = stored(*alice, "lost", "k2");
  hub.stop();
  remove_after(db, kept);
  say_restored(db.url(), kept);
  hub.start();
  visitor again{hub, from_id(*alice, lost)};
  CHECK(again.init["resumed"] == true);
  const auto first = check_fork(again.init["fork"], kept, kept);
  CHECK(first > lost);
  CHECK(stored(again, "lost", "k2") >= first);
  CHECK(db.sql("select text from messages order by id") == rows{{"kept"}, {"lost"}});
}

TEST_CASE_TEMPLATE("the command restored makes a fork under a hub that runs", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  const auto lost = stored(alice, "lost", "k2");
  remove_after(db, kept);
  CHECK(run_restored(db.url()).code == 0);
  const auto told = alice.gets("fork");
  CHECK(told["after"] == kept);
  const std::int64_t first = told["first"];
  CHECK(first > lost);
  CHECK(stored(alice, "lost", "k2") >= first);
  wait_for_status(hub, "healthy", patience);
}

TEST_CASE("a file that is replaced by an older copy goes on after the command") {
  sqlite db;
  const fs::path file = db.file(), copy = file.string() + ".backup";
  hub hub{db};
  std::optional<visitor> alice{hub};
  const auto kept = stored(*alice, "kept", "k1");
  hub.stop();
  fs::copy_file(file, copy);
  hub.start();
  alice.emplace(hub, from_id(*alice, kept));
  const auto lost = stored(*alice, "lost", "k2");
  hub.stop();
  fs::rename(copy, file);
  say_restored(db.url(), kept);
  hub.start();
  visitor again{hub, from_id(*alice, lost)};
  CHECK(again.init["resumed"] == true);
  CHECK(stored(again, "lost", "k2") >= check_fork(again.init["fork"], kept, kept));
}

TEST_CASE("a database that is replaced by an older one under a hub needs no command") {
  postgres db;
  const auto admin = postgres::cluster().session("postgres");
  const auto older = db.name() + "_older";
  hub hub{db};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  // A template must have no sessions.
  eventually("the copy", [&] {
    try {
      admin->sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" +
                 db.name() + "'");
      admin->sql("create database " + older + " template " + db.name());
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  const auto lost = stored(alice, "lost", "k2");
  admin->sql("drop database " + db.name() + " with (force)");
  admin->sql("alter database " + older + " rename to " + db.name());
  const auto first = check_fork(alice.gets("fork"), kept, lost);
  CHECK(stored(alice, "lost", "k2") >= first);
  wait_for_status(hub, "healthy", patience);
}

TEST_CASE_TEMPLATE("the command restored may be given twice", database, sqlite, postgres) {
  database db;
  hub hub{db};
  std::optional<visitor> alice{hub};
  const auto kept = stored(*alice, "kept", "k1");
  hub.stop();
  say_restored(db.url(), kept);
  say_restored(db.url(), kept);
  hub.start();
  visitor again{hub, from_id(*alice, kept)};
  CHECK(again.init["resumed"] == true);
  CHECK(again.init["fork"]["after"] == kept);
  CHECK(stored(again, "new", "k2") >= again.init["fork"]["first"]);
}

TEST_CASE_TEMPLATE("the command restored changes nothing where there is no log", database, sqlite,
                   postgres) {
  database db;
  const auto told = run_restored(db.url());
  CHECK(told.code == 1);
  CHECK_FALSE(told.err.empty());
  if constexpr (std::is_same_v<database, sqlite>)
    CHECK_FALSE(fs::exists(db.file()));
  else
    CHECK(db.value("select count(*) from pg_tables where schemaname = 'public'") == "0");
}

TEST_CASE("the command restored says if the database cannot be reached") {
  const auto told = run_restored("postgresql://hubbub:secret@127.0.0.1:1/none");
  CHECK(told.code == 1);
  CHECK_FALSE(told.err.empty());
}

TEST_SUITE_END();
