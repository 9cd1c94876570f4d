// `hubbub doctor` and `--check-config`: what an operator is told before a hub is started.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <filesystem>

using namespace test;

TEST_SUITE_BEGIN("doctor");

namespace {

outcome examined(settings with) {
  with.try_emplace("HOST", "127.0.0.1");
  with.try_emplace("PORT", "0");
  auto told = run(hub_command(with, {"doctor"}));
  INFO(told.out);
  CHECK(told.err.empty());
  return told;
}

/// The line about one thing, and the one after it if that says what to do.
std::string about(const outcome& told, const std::string& what) {
  const auto at = told.out.find("  " + what + ' ');
  INFO(told.out);
  REQUIRE(at != std::string::npos);
  const auto begin = told.out.rfind('\n', at) + 1;
  auto end = told.out.find('\n', at);
  if (told.out.compare(begin, 5, "WRONG") == 0)
    end = told.out.find('\n', end + 1);
  return told.out.substr(begin, end - begin);
}

bool is_wrong(const std::string& lines) {
  return lines.starts_with("WRONG") && lines.find("-> ") != std::string::npos;
}

} // namespace

TEST_CASE("all is well where a hub can start, and nothing is made by looking") {
  temp_dir folder;
  const auto file = folder.path() / "new.db";
  const auto told = examined({{"DATABASE_URL", "sqlite:///" + file.string()}});
  CHECK(told.code == 0);
  CHECK(told.out.find("WRONG") == std::string::npos);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a database in use says its version and schema") {
  sqlite db;
  {
    hub hub{db};
    visitor alice{hub};
    const auto told = examined({{"DATABASE_URL", db.url()}});
    CHECK(told.code == 1);
    CHECK(is_wrong(about(told, "database")));
    CHECK(about(told, "database").find("another hubbub") != std::string::npos);
  }
  const auto told = examined({{"DATABASE_URL", db.url()}});
  CHECK(told.code == 0);
  CHECK(about(told, "version").find("SQLite 3.") != std::string::npos);
  CHECK(about(told, "schema").starts_with("ok"));
}

TEST_CASE("a PostgreSQL without fsync is told of, and a role without rights") {
  postgres db; // of the fast kind, without fsync
  const auto told = examined({{"DATABASE_URL", db.url()}});
  CHECK(told.code == 1);
  CHECK(is_wrong(about(told, "fsync")));
  for (const auto* good : {"database", "version", "role", "commit", "clock", "room", "schema"})
    CHECK(about(told, good).starts_with("ok"));

  db.sql("revoke create on schema public from public; create role guest login password 'x'");
  auto url = db.url();
  const auto guest = url.replace(url.find("hubbub:secret"), 13, "guest:x");
  CHECK(is_wrong(about(examined({{"DATABASE_URL", guest}}), "schema")));
  {
    hub hub{db};
    eventually("health", [&] { return fetch(hub.port(), "/health").status == 200; });
  }
  const auto after = examined({{"DATABASE_URL", guest}});
  CHECK(is_wrong(about(after, "rights")));
}

TEST_CASE("a database that is not there, a taken port and a missing page each say what to do") {
  sqlite db;
  hub hub{db};
  temp_dir empty;
  const auto told = examined({{"DATABASE_URL", "postgresql://nobody:geheim@127.0.0.1:1/none"},
                              {"PORT", std::to_string(hub.port())},
                              {"PUBLIC_DIR", empty.path()}});
  CHECK(told.code == 1);
  for (const auto* bad : {"database", "port", "page"})
    CHECK(is_wrong(about(told, bad)));
  CHECK(about(told, "database").find("onnection refused") != std::string::npos);
  CHECK(told.out.find("geheim") == std::string::npos);
}

TEST_CASE("--check-config tells good settings from wrong ones, and starts nothing") {
  CHECK(run(hub_command({}, {"--check-config"})).code == 0);
  CHECK(run(hub_command({{"PORT", "abc"}}, {"--check-config"})).code == 2);
  CHECK(run(hub_command({{"PORT", "abc"}}, {"doctor"})).code == 2);
}

TEST_SUITE_END();
