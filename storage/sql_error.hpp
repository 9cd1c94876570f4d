// The classification of a database error for the log.
// Knows: SQLSTATEs, SQLite's result codes, the names of the log's constraints. Must not know:
// sessions, retries.
#pragma once

#include <exception>
#include <string>

namespace hubbub {

/// The cause of a call that failed.
enum class error_origin {
  draft,    ///< A row that was given: every other try would fail as well.
  unclear,  ///< A row that was given, the table, or neither: another try may show it.
  database, ///< The database accepts nothing at present, or the connection is lost.
};

struct classified_error {
  error_origin origin = error_origin::database;
  std::string reason;          ///< One line, which never contains a message's text or key.
  bool table_missing = false;  ///< A table of the log does not exist.
  bool session_usable = false; ///< The session can be used again after a rollback.
  bool too_slow = false; ///< PostgreSQL ended the statement at its timeout; nothing is stored.
};

/// Classifies an exception of SOCI. PostgreSQL's sessions must use PQERRORS_VERBOSE, and SQLite's
/// the extended result codes. An error that a trigger of the operator raises is `unclear`, whatever
/// its SQLSTATE is. An error inside a function is also `unclear`, unless its SQLSTATE says that a
/// value is wrong.
classified_error classify_error(const std::exception& e);

/// Returns the first line of a database's report. The other lines may quote the rows.
std::string first_line(const std::string& report);

} // namespace hubbub
