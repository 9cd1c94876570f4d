// `hubbub doctor` and `--check-config`: what an operator is told before a hub is started.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace test;

TEST_SUITE_BEGIN("doctor");

namespace {

command doctor(settings with) {
  with.try_emplace("MAX_CONNECTIONS", "100"); // as many as any machine allows
  return hub_command(with, {"doctor"});
}

outcome examined(const command& what) {
  auto told = run(what);
  INFO(told.out);
  CHECK(told.err.empty());
  return told;
}

outcome examined(const settings& with) {
  return examined(doctor(with));
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

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Names and bytes of all files in a folder.
std::map<std::string, std::string> state_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    all[entry.path().filename()] = bytes_of(entry.path());
  return all;
}

/// What nobody but the superuser would see changed: all objects of a database, and its sequences.
rows state_of(const postgres& db) {
  auto all = db.sql("select cast(oid as text), relname, cast(relfilenode as text), cast(relacl as "
                    "text) from pg_class where relnamespace = cast('public' as regnamespace) order "
                    "by 1");
  for (const auto& name : db.sql("select sequencename from pg_sequences order by 1"))
    for (auto& row : db.sql("select last_value, is_called from " + name[0]))
      all.push_back(row);
  return all;
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

TEST_CASE("a SQLite file that the hub may not write is told of, and nothing is left behind") {
  sqlite db;
  db.sql("create table other (x)");
  const std::filesystem::path file{db.file()}, folder = file.parent_path();
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  std::string why, what = "database";
  command doctor_ = doctor({{"DATABASE_URL", db.url()}});
  if (::geteuid() == 0) // who may write everything
    doctor_.user = {65534, 65534};
  SUBCASE("the file is for reading") {
    std::filesystem::permissions(file, std::filesystem::perms::all & ~std::filesystem::perms(0222));
    why = "Permission denied";
  }
  SUBCASE("its write-ahead log is") {
    hub killed{db};
    visitor{killed}.say("this makes one");
    eventually("a message in it", [&] { return db.value("select count(*) from messages") == "1"; });
    killed.kill();
    REQUIRE(std::filesystem::exists(db.file() + "-wal"));
    std::filesystem::permissions(file, std::filesystem::perms::all);
    std::filesystem::permissions(db.file() + "-wal", std::filesystem::perms::owner_read);
    std::filesystem::permissions(db.file() + ".lock", std::filesystem::perms::all);
    if (::geteuid() != 0)
      return;
  }
  SUBCASE("its disk takes no more") {
    std::filesystem::permissions(file, std::filesystem::perms::all);
    doctor_.arguments = {"-c", R"(ulimit -f 0; exec "$0" doctor)", doctor_.program};
    doctor_.program = "/bin/sh";
    why = "File too large";
    what = "space";
  }
  const auto before = state_of(folder);
  const auto told = examined(doctor_);
  CHECK(told.code == 1);
  CHECK(is_wrong(about(told, what)));
  CHECK(about(told, what).find(why) != std::string::npos);
  CHECK(state_of(folder) == before);
}

TEST_CASE("a table of another application is told of, and stays as it is") {
  SUBCASE("in SQLite, with other columns") {
    sqlite db;
    db.sql("create table messages (id integer primary key, subject text not null, body text)");
    const auto folder = std::filesystem::path{db.file()}.parent_path();
    const auto before = state_of(folder);
    const auto told = examined({{"DATABASE_URL", db.url()}});
    CHECK(told.code == 1);
    CHECK(is_wrong(about(told, "tables")));
    CHECK(state_of(folder) == before);
  }
  SUBCASE("in SQLite, with one more that must be filled") {
    sqlite db;
    {
      hub made{db};
      visitor whom_it_greets_when_all_is_made{made};
    }
    db.sql("alter table messages add column tenant text check (tenant is not null)");
    CHECK(is_wrong(about(examined({{"DATABASE_URL", db.url()}}), "tables")));
  }
  SUBCASE("in PostgreSQL") {
    postgres db;
    SUBCASE("with other columns") {
      db.sql("create table messages (id serial primary key, subject text not null, body text)");
    }
    SUBCASE("with other types") {
      db.sql("create table messages (id serial primary key, text integer, connection_id integer, "
             "user_message_number text, created_at date)");
    }
    SUBCASE("with one more that must be filled") {
      db.sql("create table messages (id serial primary key, text varchar not null, connection_id "
             "varchar not null, user_message_number integer not null, created_at timestamp not "
             "null, tenant integer not null)");
    }
    SUBCASE("a view") {
      db.sql("create view messages as select 1 as id");
    }
    const auto before = state_of(db);
    const auto told = examined({{"DATABASE_URL", db.url()}});
    CHECK(told.code == 1);
    CHECK(is_wrong(about(told, "tables")));
    CHECK(state_of(db) == before);
  }
}

TEST_CASE("the old chat's table is well, and the doctor leaves it as it was") {
  sqlite file;
  file.sql("create table messages (id integer primary key, text text not null, connection_id "
           "varchar(36) not null, user_message_number integer not null, created_at datetime)");
  const auto folder = std::filesystem::path{file.file()}.parent_path();
  const auto before = state_of(folder);
  auto told = examined({{"DATABASE_URL", file.url()}});
  CHECK(told.code == 0);
  CHECK(about(told, "tables").starts_with("ok"));
  CHECK(state_of(folder) == before);

  postgres db;
  db.sql("create table messages (id serial primary key, text varchar not null, connection_id "
         "varchar not null, user_message_number integer not null, created_at timestamp not null); "
         "insert into messages (text, connection_id, user_message_number, created_at) values ('a', "
         "gen_random_uuid(), 1, now())");
  const auto as_it_was = state_of(db);
  CHECK(about(examined({{"DATABASE_URL", db.url()}}), "tables").starts_with("ok"));
  CHECK(state_of(db) == as_it_was);
  {
    hub hub{db};
    visitor alice{hub};
    alice.say("one");
    alice.hears();
    const auto in_use = state_of(db);
    CHECK(about(examined({{"DATABASE_URL", db.url()}}), "tables").starts_with("ok"));
    CHECK(state_of(db) == in_use);
    alice.say("two");
    CHECK(alice.hears()["id"] == 3);
  }
}

TEST_CASE("a database without Unicode is told of") {
  const auto admin = postgres::cluster().session("postgres");
  admin->sql("create database latin encoding 'LATIN1' locale 'C' template template0");
  const auto told = examined({{"DATABASE_URL", postgres::cluster().url("latin")}});
  CHECK(told.code == 1);
  CHECK(is_wrong(about(told, "encoding")));
  admin->sql("drop database latin with (force)");
}

TEST_CASE("every right that a hub needs on PostgreSQL and does not have is told of by its name") {
  postgres db;
  {
    hub hub{db};
    eventually("the tables of presence", [&] {
      return db.value("select to_regclass('hubbub_presence') is not null") == "t" &&
             fetch(hub.port(), "/health").status == 200;
    });
  }
  db.sql("drop role if exists clerk");
  db.sql("create role clerk login password 'x'");
  auto url = db.url();
  url.replace(url.find("hubbub:secret"), 13, "clerk:x");
  const settings as_clerk{{"DATABASE_URL", url}};
  const std::string all =
      "grant select, update on hubbub_meta to clerk; grant select, insert on messages to clerk; "
      "grant select, insert, delete on hubbub_hubs to clerk; grant select, insert, update, delete "
      "on hubbub_presence to clerk; grant usage on hubbub_revision to clerk";
  const auto session = db.session();
  const auto each = [&](const std::string& statements) {
    for (std::size_t from = 0; from < statements.size();) {
      const auto to = std::min(statements.find("; ", from), statements.size());
      session->sql(statements.substr(from, to - from));
      from = to + 2;
    }
  };
  each(all);
  CHECK(about(examined(as_clerk), "tables").starts_with("ok"));
  for (const auto& [right, on] :
       std::vector<std::pair<std::string, std::string>>{{"select", "messages"},
                                                        {"insert", "messages"},
                                                        {"select", "hubbub_meta"},
                                                        {"update", "hubbub_meta"},
                                                        {"delete", "hubbub_hubs"},
                                                        {"update", "hubbub_presence"},
                                                        {"usage", "hubbub_revision"}}) {
    session->sql("revoke " + right + " on " + on + " from clerk");
    const auto told = examined(as_clerk);
    CHECK(told.code == 1);
    CHECK(is_wrong(about(told, "rights")));
    CHECK(about(told, "rights").find(right + " on " + on) != std::string::npos);
    each(all);
  }
  session->sql("alter role clerk set default_transaction_read_only = on");
  CHECK(is_wrong(about(examined(as_clerk), "tables")));
  session->sql("alter role clerk reset all");
  session->sql("alter table messages enable row level security");
  CHECK(is_wrong(about(examined(as_clerk), "tables")));
  session->sql("create policy p on messages using (false) with check (true)");
  CHECK(is_wrong(about(examined(as_clerk), "tables")));
  session->sql("alter table messages disable row level security");
  session->sql("create function nothing() returns trigger language plpgsql as 'begin return null; "
               "end'");
  session->sql("create trigger nothing before insert on messages for each row execute function "
               "nothing()");
  CHECK(is_wrong(about(examined(as_clerk), "tables")));
  session->sql("create or replace function nothing() returns trigger language plpgsql as 'begin "
               "new.text = upper(new.text); return new; end'");
  CHECK_FALSE(is_wrong(about(examined(as_clerk), "tables")));
  each("drop owned by clerk; drop role clerk");
}

TEST_SUITE_END();
