#include "storage/database_url.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace hubbub;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("PostgreSQL is found in every form that the old chat took") {
  for (const std::string scheme : {"postgresql", "postgres", "postgresql+asyncpg"}) {
    const auto db = parse_database_url(scheme + "://ann:secret@db.example:5433/chat");
    CHECK(db.kind == database_kind::postgresql);
    CHECK(has(db.connect, "host='db.example'"));
    CHECK(has(db.connect, "port='5433'"));
    CHECK(has(db.connect, "user='ann'"));
    CHECK(has(db.connect, "password='secret'"));
    CHECK(has(db.connect, "dbname='chat'"));
    CHECK(db.shown == "postgresql://db.example:5433/chat");
  }
}

TEST_CASE("what is percent-encoded is decoded, and cannot break out of its value") {
  const auto db = parse_database_url("postgresql://a%40b:p%27%5Cw%20%2F@h/n");
  CHECK(has(db.connect, "user='a@b'"));
  CHECK(has(db.connect, R"(password='p\'\\w /')"));
}

TEST_CASE("parameters of the query reach libpq") {
  const auto db =
      parse_database_url("postgresql:///chat?host=/run/pg&ssl=require&connect_timeout=9");
  CHECK(has(db.connect, "host='/run/pg'"));
  CHECK(has(db.connect, "sslmode='require'"));
  CHECK(has(db.connect, "connect_timeout='9'"));
}

TEST_CASE("SQLite's file is relative after three slashes and absolute after four") {
  CHECK(parse_database_url("sqlite:///hubbub.db").shown == "sqlite:///hubbub.db");
  CHECK(parse_database_url("sqlite:///hubbub.db").connect == "dbname=\"hubbub.db\"");
  CHECK(parse_database_url("sqlite:////var/lib/hub bub.db").connect ==
        "dbname=\"/var/lib/hub bub.db\"");
  CHECK(parse_database_url("sqlite+aiosqlite:////x.db").connect == "dbname=\"/x.db\"");
}

TEST_CASE("anything else is refused with a sentence") {
  for (const auto* bad :
       {"", "hubbub.db", "mysql://h/n", "sqlite://", "sqlite:///", "sqlite://file.db",
        "sqlite:///:memory:", "postgresql//h", "postgresql://h/n?#", "postgresql://h:5432name",
        "postgresql://ann:pass#word@h/n"})
    CHECK_THROWS_AS(parse_database_url(bad), std::invalid_argument);
}

TEST_CASE("what libpq could not read, or would read otherwise, is refused at the start") {
  for (const auto* bad : {"postgresql://h/n?no_such_option=1", "postgresql://h/n?ho%20st=x",
                          "postgresql://h/n?=x", "postgresql://ann%00root@h/n"})
    CHECK_THROWS_AS(parse_database_url(bad), std::invalid_argument);
  CHECK_THROWS_AS(parse_database_url(std::string("sqlite:///a\0b", 13)), std::invalid_argument);
}

TEST_CASE("an address is shown on one line") {
  CHECK(parse_database_url("postgresql://h/a%0Ab").shown == "postgresql://h/a%0Ab");
  for (const auto* bad : {"sqlite:///a\nb", "post\ngresql://h/n", "postgresql://h/\x7Fn"})
    CHECK_THROWS_WITH_AS(parse_database_url(bad), "an address has no control characters",
                         std::invalid_argument);
}
