// A database of either kind as the tests use it: an address for the hub, and SQL for the test. Must
// not know which kind it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// Rows of columns as text. A null is "NULL".
using rows = std::vector<std::vector<std::string>>;

/// A session with a database, for transactions and locks that must last. Its destructor ends the
/// session, which rolls back what was not committed.
class sql_session {
public:
  virtual ~sql_session() = default;

  /// Runs statements separated by semicolons and returns the rows of the last one. Throws
  /// `std::runtime_error` with the database's message.
  virtual rows sql(const std::string& text) = 0;
};

/// A new and empty database. Its destructor removes it.
class database {
public:
  virtual ~database() = default;

  /// The value of the hub's DATABASE_URL for this database.
  virtual std::string url() const = 0;
  virtual std::unique_ptr<sql_session> session() const = 0;

  rows sql(const std::string& text) const { return session()->sql(text); }

  /// The first column of the first row of the statement's result.
  std::string value(const std::string& text) const { return sql(text).at(0).at(0); }
};

} // namespace test
