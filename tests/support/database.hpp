// What the tests ask of a database, whichever it is: an address for the hub and SQL for themselves.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// Rows of columns as text; a null is "NULL".
using rows = std::vector<std::vector<std::string>>;

/// A session with a database, for what needs a transaction or a lock that stays. Ends with its
/// owner, and what it has not committed with it.
class sql_session {
public:
  virtual ~sql_session() = default;

  /// Runs statements separated by semicolons; returns the rows of the last one. Throws
  /// `std::runtime_error` with the database's words.
  virtual rows sql(const std::string& text) = 0;
};

/// A new and empty database that ends with its owner.
class database {
public:
  virtual ~database() = default;

  /// As the hub's DATABASE_URL.
  virtual std::string url() const = 0;
  virtual std::unique_ptr<sql_session> session() const = 0;

  rows sql(const std::string& text) const { return session()->sql(text); }

  /// The one value that the statement asks for.
  std::string value(const std::string& text) const { return sql(text).at(0).at(0); }
};

} // namespace test
