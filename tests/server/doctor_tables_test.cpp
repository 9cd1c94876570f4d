// What `hubbub doctor` reports about existing tables and the rights on them.
#include "tests/server/doctor.hpp"
#include "tests/server/presence.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

using namespace test;

TEST_SUITE_BEGIN("doctor tables");

namespace {

/// Runs statements that are separated by "; ", each in a transaction of its own.
void sql_each(sql_session& session, const std::string& statements) {
  for (std::size_t from = 0; from < statements.size();) {
    const auto to = std::min(statements.find("; ", from), statements.size());
    session.sql(statements.substr(from, to - from));
    from = to + 2;
  }
}

} // namespace

TEST_CASE("doctor reports a table of another application and does not change it") {
  SUBCASE("in SQLite, with other columns") {
    sqlite db;
    db.sql("create table messages (id integer primary key, subject text not null, body text)");
    const auto folder = std::filesystem::path{db.file()}.parent_path();
    const auto before = state_of(folder);
    const auto result = run_doctor({{"DATABASE_URL", db.url()}});
    CHECK(result.code == 1);
    CHECK(is_wrong(lines_about(result, "tables")));
    CHECK(state_of(folder) == before);
  }
  SUBCASE("in SQLite, with one more that must be filled") {
    sqlite db;
    {
      hub made{db};
      visitor waits_for_the_tables{made};
    }
    db.sql("alter table messages add column tenant text check (tenant is not null)");
    CHECK(is_wrong(lines_about(run_doctor({{"DATABASE_URL", db.url()}}), "tables")));
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
    const auto result = run_doctor({{"DATABASE_URL", db.url()}});
    CHECK(result.code == 1);
    CHECK(is_wrong(lines_about(result, "tables")));
    CHECK(state_of(db) == before);
  }
}

TEST_CASE("doctor accepts the old chat's table and does not change it") {
  sqlite file;
  file.sql("create table messages (id integer primary key, text text not null, connection_id "
           "varchar(36) not null, user_message_number integer not null, created_at datetime)");
  const auto folder = std::filesystem::path{file.file()}.parent_path();
  const auto before = state_of(folder);
  auto result = run_doctor({{"DATABASE_URL", file.url()}});
  CHECK(result.code == 0);
  CHECK(lines_about(result, "tables").starts_with("ok"));
  CHECK(state_of(folder) == before);

  postgres db;
  db.sql("create table messages (id serial primary key, text varchar not null, connection_id "
         "varchar not null, user_message_number integer not null, created_at timestamp not null); "
         "insert into messages (text, connection_id, user_message_number, created_at) values ('a', "
         "gen_random_uuid(), 1, now())");
  const auto as_it_was = state_of(db);
  CHECK(lines_about(run_doctor({{"DATABASE_URL", db.url()}}), "tables").starts_with("ok"));
  CHECK(state_of(db) == as_it_was);
  {
    hub hub{db};
    visitor alice{hub};
    alice.say("one");
    alice.hears();
    wait_for_stored_presence(db, 1);
    const auto in_use = state_of(db);
    CHECK(lines_about(run_doctor({{"DATABASE_URL", db.url()}}), "tables").starts_with("ok"));
    CHECK(state_of(db) == in_use);
    alice.say("two");
    CHECK(alice.hears()["id"] == 3);
  }
}

TEST_CASE("doctor reports a database without Unicode") {
  const auto admin = postgres::cluster().session("postgres");
  admin->sql("create database latin encoding 'LATIN1' locale 'C' template template0");
  const auto result = run_doctor({{"DATABASE_URL", postgres::cluster().url("latin")}});
  CHECK(result.code == 1);
  CHECK(is_wrong(lines_about(result, "encoding")));
  admin->sql("drop database latin with (force)");
}

TEST_CASE("doctor names every right that the hub lacks on PostgreSQL") {
  postgres db;
  {
    hub hub{db};
    eventually("the presence tables", [&] {
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
  sql_each(*session, all);
  CHECK(lines_about(run_doctor(as_clerk), "tables").starts_with("ok"));
  for (const auto& [right, on] :
       std::vector<std::pair<std::string, std::string>>{{"select", "messages"},
                                                        {"insert", "messages"},
                                                        {"select", "hubbub_meta"},
                                                        {"update", "hubbub_meta"},
                                                        {"delete", "hubbub_hubs"},
                                                        {"update", "hubbub_presence"},
                                                        {"usage", "hubbub_revision"}}) {
    session->sql("revoke " + right + " on " + on + " from clerk");
    const auto result = run_doctor(as_clerk);
    CHECK(result.code == 1);
    CHECK(is_wrong(lines_about(result, "rights")));
    CHECK(lines_about(result, "rights").find(right + " on " + on) != std::string::npos);
    sql_each(*session, all);
  }
  session->sql("alter role clerk set default_transaction_read_only = on");
  CHECK(is_wrong(lines_about(run_doctor(as_clerk), "tables")));
  session->sql("alter role clerk reset all");
  session->sql("alter table messages enable row level security");
  CHECK(is_wrong(lines_about(run_doctor(as_clerk), "tables")));
  session->sql("create policy p on messages using (false) with check (true)");
  CHECK(is_wrong(lines_about(run_doctor(as_clerk), "tables")));
  session->sql("alter table messages disable row level security");
  session->sql("create function nothing() returns trigger language plpgsql as 'begin return null; "
               "end'");
  session->sql("create trigger nothing before insert on messages for each row execute function "
               "nothing()");
  CHECK(is_wrong(lines_about(run_doctor(as_clerk), "tables")));
  session->sql("create or replace function nothing() returns trigger language plpgsql as 'begin "
               "new.text = upper(new.text); return new; end'");
  CHECK_FALSE(is_wrong(lines_about(run_doctor(as_clerk), "tables")));
  sql_each(*session, "drop owned by clerk; drop role clerk");
}

TEST_SUITE_END();
