// `hubbub doctor` and `--check-config`: what they report before a hub is started.
#include "tests/server/doctor.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <unistd.h>

using namespace test;

TEST_SUITE_BEGIN("doctor");

TEST_CASE("doctor finds no fault where a hub can start, and creates nothing") {
  temp_dir folder;
  const auto file = folder.path() / "new.db";
  const auto result = run_doctor({{"DATABASE_URL", "sqlite:///" + file.string()}});
  CHECK(result.code == 0);
  CHECK(result.out.find("WRONG") == std::string::npos);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("doctor reports the version and the schema of a database in use") {
  sqlite db;
  {
    hub hub{db};
    visitor alice{hub};
    const auto result = run_doctor({{"DATABASE_URL", db.url()}});
    CHECK(result.code == 1);
    CHECK(is_wrong(lines_about(result, "database")));
    CHECK(lines_about(result, "database").find("another hubbub") != std::string::npos);
  }
  const auto result = run_doctor({{"DATABASE_URL", db.url()}});
  CHECK(result.code == 0);
  CHECK(lines_about(result, "version").find("SQLite 3.") != std::string::npos);
  CHECK(lines_about(result, "schema").starts_with("ok"));
}

TEST_CASE("doctor reports PostgreSQL without fsync, and a role without rights") {
  postgres db; // the shared cluster runs without fsync
  const auto result = run_doctor({{"DATABASE_URL", db.url()}});
  CHECK(result.code == 1);
  CHECK(is_wrong(lines_about(result, "fsync")));
  for (const auto* good : {"database", "version", "role", "commit", "clock", "room", "schema"})
    CHECK(lines_about(result, good).starts_with("ok"));

  db.sql("revoke create on schema public from public; create role guest login password 'x'");
  auto url = db.url();
  const auto guest = url.replace(url.find("hubbub:secret"), 13, "guest:x");
  CHECK(is_wrong(lines_about(run_doctor({{"DATABASE_URL", guest}}), "schema")));
  {
    hub hub{db};
    eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  }
  const auto after = run_doctor({{"DATABASE_URL", guest}});
  CHECK(is_wrong(lines_about(after, "rights")));
}

TEST_CASE(
    "doctor advises what to do about an unreachable database, a used port and a missing page") {
  sqlite db;
  hub hub{db};
  temp_dir empty;
  const auto result = run_doctor({{"DATABASE_URL", "postgresql://nobody:geheim@127.0.0.1:1/none"},
                                  {"PORT", std::to_string(hub.port())},
                                  {"PUBLIC_DIR", empty.path()}});
  CHECK(result.code == 1);
  for (const auto* bad : {"database", "port", "page"})
    CHECK(is_wrong(lines_about(result, bad)));
  CHECK(lines_about(result, "database").find("onnection refused") != std::string::npos);
  CHECK(result.out.find("geheim") == std::string::npos);
}

TEST_CASE("--check-config tells good settings from wrong ones and starts no hub") {
  CHECK(run(hub_command({}, {"--check-config"})).code == 0);
  CHECK(run(hub_command({{"PORT", "abc"}}, {"--check-config"})).code == 2);
  CHECK(run(hub_command({{"PORT", "abc"}}, {"doctor"})).code == 2);
}

TEST_CASE("doctor reports a SQLite file that the hub cannot write, and leaves no file behind") {
  sqlite db;
  db.sql("create table other (x)");
  const std::filesystem::path file{db.file()}, folder = file.parent_path();
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  std::string why, what = "database";
  command invocation = doctor_command({{"DATABASE_URL", db.url()}});
  if (::geteuid() == 0) // root may write every file
    invocation.user = {65534, 65534};
  SUBCASE("the file is for reading") {
    std::filesystem::permissions(file, std::filesystem::perms::all & ~std::filesystem::perms(0222));
    why = "Permission denied";
  }
  SUBCASE("its disk takes no more") {
    std::filesystem::permissions(file, std::filesystem::perms::all);
    invocation.arguments = {"-c", R"(ulimit -f 0; exec "$0" doctor)", invocation.program};
    invocation.program = "/bin/sh";
    why = "File too large";
    what = "space";
  }
  SUBCASE("its write-ahead log is") {
    hub killed{db};
    visitor{killed}.say("this makes one");
    eventually("a message in the file",
               [&] { return db.value("select count(*) from messages") == "1"; });
    killed.kill();
    REQUIRE(std::filesystem::exists(db.file() + "-wal"));
    std::filesystem::permissions(file, std::filesystem::perms::all);
    std::filesystem::permissions(db.file() + "-wal", std::filesystem::perms::owner_read);
    std::filesystem::permissions(db.file() + ".lock", std::filesystem::perms::all);
    if (::geteuid() != 0)
      return; // the last subcase, because a return hides the later ones
  }
  const auto before = state_of(folder);
  const auto result = run_doctor(invocation);
  CHECK(result.code == 1);
  CHECK(is_wrong(lines_about(result, what)));
  CHECK(lines_about(result, what).find(why) != std::string::npos);
  CHECK(state_of(folder) == before);
}

TEST_SUITE_END();
