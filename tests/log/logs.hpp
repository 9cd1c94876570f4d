// Test cases that run once with each kind of database.
#pragma once

#include "storage/sql_log.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace test {

/// A test case with the parameter `test::database& db`, which runs with a new database of each
/// kind.
#define ON_BOTH_DATABASES(name) ON_BOTH_DATABASES_AS(name, DOCTEST_ANONYMOUS(on_both_))
#define ON_BOTH_DATABASES_AS(name, act)                                                            \
  static void act(::test::database& db);                                                           \
  TEST_CASE(name " (PostgreSQL)") {                                                                \
    ::test::postgres db;                                                                           \
    act(db);                                                                                       \
  }                                                                                                \
  TEST_CASE(name " (SQLite)") {                                                                    \
    ::test::sqlite db;                                                                             \
    act(db);                                                                                       \
  }                                                                                                \
  static void act(::test::database& db)

inline std::unique_ptr<hubbub::log> open_log(const database& db) {
  auto out = hubbub::make_sql_log(hubbub::parse_database_url(db.url()));
  out->open();
  return out;
}

inline std::shared_ptr<hubbub::author> someone() {
  return std::make_shared<hubbub::author>(boost::uuids::random_generator()());
}

inline hubbub::draft says(const std::shared_ptr<hubbub::author>& who, std::string text,
                          std::string key = {}, std::string room = "lobby") {
  return {who, std::move(room), std::move(text), std::move(key), 0};
}

/// Appends the drafts and, as the persistence actor does, advances the counters of their authors to
/// the numbers on the receipts. `log::append` alone is an append whose answer is lost.
inline hubbub::appended append(hubbub::log& to, std::vector<hubbub::draft>& batch) {
  auto result = to.append(batch);
  hubbub::advance_numbers(batch, result.receipts);
  return result;
}

inline std::vector<std::string> texts(const std::vector<hubbub::message>& rows) {
  std::vector<std::string> out;
  for (const auto& m : rows)
    out.push_back(m.text);
  return out;
}

} // namespace test
