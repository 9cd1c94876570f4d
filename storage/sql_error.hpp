// What an error of a database means for the log.
// Knows: SQLSTATEs, SQLite's result codes, the names of the log's constraints. Must not know:
// sessions, retries.
#pragma once

#include <exception>
#include <string>

namespace hubbub {

/// Who is to blame for a call that failed.
enum class blame {
  draft,    ///< A row that was given: another try would fail as well.
  unclear,  ///< A row that was given, or the table, or nobody: another try may tell.
  database, ///< It takes nothing for now, or was lost.
};

/// What is known of a failed call.
struct sql_failure {
  blame whose = blame::database;
  std::string why;       ///< One line, with nothing in it of what people say, nor of their keys.
  bool no_table = false; ///< A table is not there.
  bool usable = false;   ///< The session may go on, after a rollback.
  bool too_slow = false; ///< It took longer than a statement may, and did nothing.
};

/// Reads an exception of SOCI's. PostgreSQL's sessions must have PQERRORS_VERBOSE, and SQLite's
/// extended result codes. An error that an operator's trigger raises is `unclear`, whatever its
/// SQLSTATE. So is an error within a function, unless its SQLSTATE says that a value is wrong.
sql_failure examine_failure(const std::exception& e);

/// What of a database's report is for a log line.
std::string first_line(const std::string& report);

} // namespace hubbub
