// The secret of a person is nowhere but with its client: not in the database, not in the log, and
// not in anything that the hub sends.
#include "tests/server/persons.hpp"

#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace test;

TEST_SUITE_BEGIN("person secrets");

namespace {

/// All rows of all tables.
std::string contents(const postgres& db) {
  std::string all;
  for (const auto& table : db.sql(
           "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where "
           "schemaname not in ('pg_catalog', 'information_schema')"))
    for (const auto& row : db.sql("select t::text from " + table[0] + " t"))
      all += row[0] + '\n';
  return all;
}

/// All bytes of the files of the database.
std::string contents(const sqlite& db) {
  std::string all;
  const std::filesystem::path file = db.file();
  for (const auto& each : std::filesystem::directory_iterator(file.parent_path())) {
    std::ifstream in(each.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

/// Sends a hello and returns the text of the next frame that is no presence.
std::string raw_answer(visitor& who, const std::string& frame) {
  who.send_text(frame);
  for (;;)
    if (auto text = who.next_text(); json::parse(text)["type"] != "presence")
      return text;
}

} // namespace

TEST_CASE_TEMPLATE("a secret is neither stored, logged nor sent, whatever becomes of its hello",
                   database, sqlite, postgres) {
  database db;
  std::string sent;
  hub hub{db, {{"DEBUG", "true"}, {"RATE_LIMIT", "0"}}};
  {
    visitor alice{hub}, bob{hub}, reader{hub};
    // The marker is in every secret, and in no other field.
    for (const auto& frame : {
             std::string(R"({"type":"hello","name":"Ann","secret":"planted-secret-1"})"),
             std::string(R"({"type":"hello","name":null,"secret":"planted-secret-2"})"),
             std::string(R"({"type":"hello","name":"","secret":"planted-secret-3"})"),
             std::string(R"({"type":"hello","name":"Bob","secret":"planted-secret-4"})"),
             std::string(R"({"type":"hello","secret":"planted-short"})"),
             std::string(R"({"type":"hello","secret":["planted-secret-5"]})"),
             std::string(R"({"type":"hello","secret":"planted-secret-6\ud800"})"),
             std::string(R"({"type":"hello","secret":"planted-secret-7)"),
             std::string(R"({"type":"hallo","secret":"planted-secret-8"})"),
             std::string(R"({"secret":"planted-secret-9"})"),
             R"({"type":"hello","secret":"planted-)" + std::string(130, 'x') + "\"}",
             std::string(R"({"type":"hello","name":"Ann","secret":"planted-secret-0"})"),
         }) {
      sent += raw_answer(alice, frame);
      alice.say("hello");
      sent += alice.hears().dump() + reader.hears().dump();
      if (frame.find("secret-1") != frame.npos)
        sent += raw_answer(bob, R"({"type":"hello","name":"Bob"})");
    }
    CHECK(sent.find("name_taken") != sent.npos);
    CHECK(sent.find("anon-") != sent.npos);
    sent += visitor{hub}.init.dump();
    for (const auto* target :
         {"/messages", "/ws-info", "/ws-info?connections=1", "/metrics", "/health", "/ws"})
      sent += fetch(hub.port(), target).body;
    CHECK(contents(db).find("anon-") != std::string::npos);
    CHECK(contents(db).find("planted") == std::string::npos);
  }
  hub.stop();
  CHECK(sent.find("planted") == sent.npos);
  CHECK(contents(db).find("planted") == std::string::npos);
  const auto log = hub.server().log();
  CHECK(log.find("says who it is") != log.npos);
  CHECK(log.find("planted") == log.npos);
  CHECK(log.find("Ann") == log.npos);
}

TEST_SUITE_END();
