#include "storage/database_url.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <vector>

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
    CHECK(has(db.connection_string, "host='db.example'"));
    CHECK(has(db.connection_string, "port='5433'"));
    CHECK(has(db.connection_string, "user='ann'"));
    CHECK(has(db.connection_string, "password='secret'"));
    CHECK(has(db.connection_string, "dbname='chat'"));
    CHECK(db.display_name == "postgresql://db.example:5433/chat");
  }
}

TEST_CASE("percent-encoded bytes are decoded, and cannot break out of their value") {
  const auto db = parse_database_url("postgresql://a%40b:p%27%5Cw%20%2F@h/n");
  CHECK(has(db.connection_string, "user='a@b'"));
  CHECK(has(db.connection_string, R"(password='p\'\\w /')"));
}

TEST_CASE("parameters of the query reach libpq") {
  const auto db =
      parse_database_url("postgresql:///chat?host=/run/pg&ssl=require&connect_timeout=9");
  CHECK(has(db.connection_string, "host='/run/pg'"));
  CHECK(has(db.connection_string, "sslmode='require'"));
  CHECK(has(db.connection_string, "connect_timeout='9'"));
}

TEST_CASE("several servers are given as in libpq, and the writable one is used") {
  for (const auto* url :
       {"postgresql://ann:secret@h1:5432,h2:5433/chat",
        "postgresql+asyncpg://ann:secret@h1,h2/chat?port=5432,5433",
        "postgres://ann@/chat?password=secret&host=h1,h2&port=5432,5433",
        "postgresql://ann:secret@h1:5432,h2:5433/chat?target_session_attrs=read-write"}) {
    CAPTURE(url);
    const auto db = parse_database_url(url);
    CHECK(has(db.connection_string, "host='h1,h2'"));
    CHECK(has(db.connection_string, "port='5432,5433'"));
    CHECK(has(db.connection_string, "password='secret'"));
    CHECK(has(db.connection_string, "target_session_attrs='read-write'"));
    CHECK(db.display_name == "postgresql://h1:5432,h2:5433/chat");
  }
  CHECK(has(parse_database_url("postgresql://a,b/n?target_session_attrs=any").connection_string,
            "target_session_attrs='any'"));
  CHECK(has(parse_database_url("postgresql:///n?hostaddr=127.0.0.1,::1").connection_string,
            "'read-write'"));
  CHECK_FALSE(
      has(parse_database_url("postgresql://a/n").connection_string, "target_session_attrs"));
}

TEST_CASE("sockets and addresses are given as in libpq") {
  for (const auto& each : std::vector<std::array<std::string, 3>>{
           {"postgresql://%2Frun%2Fpg/n", "host='/run/pg'", "postgresql://%2Frun%2Fpg/n"},
           {"postgresql://%2Frun%2Fpg:5433,h/n", "host='/run/pg,h'",
            "postgresql://%2Frun%2Fpg:5433,h/n"},
           {"postgresql:///n?host=/run/pg", "host='/run/pg'", "postgresql://%2Frun%2Fpg/n"},
           {"postgresql://[::1]:5432,[2001:db8::2]/n", "host='::1,2001:db8::2'",
            "postgresql://[::1]:5432,[2001:db8::2]/n"},
           {"postgresql:///n", "dbname='n'", "postgresql:///n"},
           {"postgresql://ann@", "user='ann'", "postgresql://"},
           {"postgresql://", "application_name='hubbub'", "postgresql://"},
           {"postgresql:///?user=ann@cloud", "user='ann@cloud'", "postgresql://"}}) {
    CAPTURE(each[0]);
    const auto db = parse_database_url(each[0]);
    CHECK(has(db.connection_string, each[1]));
    CHECK(db.display_name == each[2]);
  }
}

TEST_CASE("an address that libpq would refuse at each connection is refused at once") {
  for (const auto* url :
       {"postgresql://h:0/n", "postgresql://h:65536/n", "postgresql://h:99999/n",
        "postgresql://a:1,b:70000/n", "postgresql://a,b,c/n?port=1,2",
        "postgresql://a:1,b:2,c/n?port=1,2", "postgresql://h/n?sslmode=yes",
        "postgresql://h/n?ssl=false", "postgresql://a,b/n?target_session_attrs=writable"}) {
    CAPTURE(url);
    CHECK_THROWS_AS(parse_database_url(url), std::invalid_argument);
  }
  for (const auto* url : {"postgresql://h:65535/n?sslmode=verify-full", "postgresql://a,b/n?port=1",
                          "postgresql://a:,b:2/n", "postgresql://h/n?ssl=true"}) {
    CAPTURE(url);
    CHECK_NOTHROW(parse_database_url(url));
  }
}

TEST_CASE("no password is ever shown, however it is written") {
  for (const std::string password :
       {"hush",    "hu#sh",    "hu?sh", "hu:sh",  "hu,sh",    "hu[sh",    "hu&sh=1",
        "hu%40sh", "hu@sh",    "hu/sh", "1/hush", "1/hush?x", "1/?hush=", "1/?hush",
        "/hush",   "@hush",    "hush@", "#hush",  "%hush",    "hush%00",  "[::1]:hush",
        "hush]",   "1,2/hush", "hu+sh", "hu sh",  "'hush",    "\\hush"})
    for (const std::string before : {"postgresql://ann:", "postgres+x://:", "postgresql://"})
      for (const std::string after : {"@h/n", "@h1:1,h2:2/n?sslmode=require", "@"}) {
        const auto url = before + password + after;
        if (before == "postgresql://" && after != "@h/n")
          continue; // a host, not a password
        CAPTURE(url);
        try {
          const auto db = parse_database_url(url);
          CHECK_FALSE(has(db.display_name, "sh"));
        } catch (const std::invalid_argument& e) {
          CHECK_FALSE(has(e.what(), "hu"));
        }
      }
}

TEST_CASE("no password in the query is ever shown, nor a value that may be part of one") {
  for (const std::string query : {"password=hush", "password=hu&sh", "password=hu&sh=1",
                                  "user=ann&password=&hush", "sslpassword=hu&sh&sslmode=require"})
    for (const std::string where : {"postgresql://h/n?", "postgresql://ann@h1,h2?"}) {
      CAPTURE(where + query);
      try {
        const auto db = parse_database_url(where + query);
        CHECK_FALSE(has(db.display_name, "sh"));
      } catch (const std::invalid_argument& e) {
        CHECK_FALSE(has(e.what(), "sh"));
      }
    }
  CHECK_THROWS_WITH_AS(parse_database_url("postgresql://h/n?pasword=hush"),
                       "PostgreSQL knows no parameter pasword", std::invalid_argument);
}

TEST_CASE("SQLite's file is relative after three slashes and absolute after four") {
  CHECK(parse_database_url("sqlite:///hubbub.db").display_name == "sqlite:///hubbub.db");
  CHECK(parse_database_url("sqlite:///hubbub.db").connection_string == "dbname=\"hubbub.db\"");
  CHECK(parse_database_url("sqlite:////var/lib/hub bub.db").connection_string ==
        "dbname=\"/var/lib/hub bub.db\"");
  CHECK(parse_database_url("sqlite+aiosqlite:////x.db").connection_string == "dbname=\"/x.db\"");
}

TEST_CASE("any other address is refused with a sentence") {
  for (const auto* bad :
       {"", "hubbub.db", "mysql://h/n", "sqlite://", "sqlite:///", "sqlite://file.db",
        "sqlite:///:memory:", "postgresql//h", "postgresql://h/n?#", "postgresql://h:5432name"})
    CHECK_THROWS_AS(parse_database_url(bad), std::invalid_argument);
}

TEST_CASE(
    "an address that libpq could not read, or would read differently, is refused at the start") {
  for (const auto* bad : {"postgresql://h/n?no_such_option=1", "postgresql://h/n?ho%20st=x",
                          "postgresql://h/n?=x", "postgresql://ann%00root@h/n"})
    CHECK_THROWS_AS(parse_database_url(bad), std::invalid_argument);
  CHECK_THROWS_AS(parse_database_url(std::string("sqlite:///a\0b", 13)), std::invalid_argument);
}

TEST_CASE("an address is shown on one line") {
  CHECK(parse_database_url("postgresql://h/a%0Ab").display_name == "postgresql://h/a%0Ab");
  for (const auto* bad : {"sqlite:///a\nb", "post\ngresql://h/n", "postgresql://h/\x7Fn"})
    CHECK_THROWS_WITH_AS(parse_database_url(bad), "an address has no control characters",
                         std::invalid_argument);
}
