#include "storage/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace hubbub {

namespace {

template<std::size_t Size>
bool begins_with_one_of(std::string_view text, const std::array<std::string_view, Size>& all) {
  return std::any_of(all.begin(), all.end(), [&](auto one) { return text.starts_with(one); });
}

/// Returns the value of the line with this title in a verbose report, or an empty text. The last
/// such line is taken: PostgreSQL quotes rows earlier in the report, and a quoted row may contain a
/// text that looks like such a line.
std::string_view field(std::string_view report, std::string_view title) {
  const auto at = report.rfind('\n' + std::string(title) + ":  ");
  if (at == report.npos)
    return {};
  report.remove_prefix(at + title.size() + 4);
  return report.substr(0, report.find('\n'));
}

/// Returns the C function of the server that has reported the error.
std::string_view source_of(std::string_view report) {
  const auto at = field(report, "LOCATION");
  return at.substr(0, at.find(','));
}

/// Returns whether a function has failed, such as the function of a trigger. The context has a line
/// for each call. Its text depends on the language of the server, except for the names of
/// programming languages.
bool is_of_function(std::string_view report) {
  const auto context = report.rfind("\nCONTEXT:  ");
  return context != report.npos && (report.find("PL/", context) != report.npos ||
                                    report.find("function ", context) != report.npos);
}

error_origin postgresql_origin(std::string_view state, std::string_view report) {
  const auto source = source_of(report);
  constexpr std::array<std::string_view, 3> of_drafts{"22", "23", "54"};
  if (source == "exec_stmt_raise") // `raise` of PL/pgSQL may set any SQLSTATE
    return error_origin::unclear;
  if (is_of_function(report)) // it may fail for one row only, with any SQLSTATE
    return begins_with_one_of(state, of_drafts) ? error_origin::draft : error_origin::unclear;
  // Connections, transactions, authentication, conflicts, resources, locks, operators, files, a
  // prepared statement that the server or a pooler has lost, damaged data, and an exhausted
  // sequence. Not 55000: PostgreSQL puts the body of a simple SQL function into the statement, so
  // an error of such a function (`currval` of a sequence that was not used) has no context.
  constexpr std::array<std::string_view, 19> not_of_drafts{
      " ",     "08", "25", "26", "28", "3D",    "3F",    "40",    "53",   "55006",
      "55P03", "57", "58", "72", "F0", "XX001", "XX002", "2200H", "42P05"};
  if (begins_with_one_of(state, not_of_drafts))
    return error_origin::database;
  // Missing rights on the table or its sequence. A policy for rows concerns single drafts.
  if (state == "42501" && source != "ExecWithCheckOptions" && field(report, "CONTEXT").empty())
    return error_origin::database;
  if (state == "23505") {
    const auto which = field(report, "CONSTRAINT NAME");
    if (which == "messages_pkey") // the sequence is behind the ids, and each try advances it
      return error_origin::database;
    // The row may be one that an earlier append of this hub stored without an answer, and that was
    // committed after the lookup. The next append finds it.
    return which == "hubbub_key" || which == "hubbub_connection_number" ? error_origin::unclear
                                                                        : error_origin::draft;
  }
  return begins_with_one_of(state, of_drafts) ? error_origin::draft : error_origin::unclear;
}

/// Returns the reason for the log of the hub. An error message of the server may quote messages of
/// clients: a trigger raises a text, a text is not a number, a policy forbids a row. The message is
/// used only if it cannot contain such a quotation. Otherwise the reason has the SQLSTATE and the
/// names of the constraint, the table and the column.
std::string postgresql_reason(std::string_view state, const std::string& report) {
  const auto line = first_line(report);
  if (state.empty() || state.front() == ' ') // a message of libpq itself
    return line;
  constexpr std::array<std::string_view, 13> of_sessions{
      "08", "25", "26", "28", "3D", "40", "53", "55006", "55P03", "57", "F0", "XX001", "XX002"};
  constexpr std::array<std::string_view, 4> of_names{"aclcheck_error", "ExecWithCheckOptions",
                                                     "parserOpenTable", "errorMissingColumn"};
  const auto source = source_of(report);
  const bool plain = begins_with_one_of(state, of_sessions) ||
                     std::find(of_names.begin(), of_names.end(), source) != of_names.end();
  if (plain && field(report, "CONTEXT").empty() && source != "exec_stmt_raise")
    return line;
  auto out = "PostgreSQL reports SQLSTATE " + std::string(state);
  if (source == "exec_stmt_raise")
    out += ", raised by a function or trigger of the operator";
  else if (is_of_function(report))
    out += ", in a function or trigger of the operator";
  for (const auto* const title : {"CONSTRAINT NAME", "TABLE NAME", "COLUMN NAME"})
    if (const auto name = field(report, title); !name.empty()) {
      std::string what(title, std::string_view(title).find(' '));
      std::transform(what.begin(), what.end(), what.begin(), [](char c) { return char(c | ' '); });
      out += ", " + what + ' ' + std::string(name);
    }
  return out;
}

/// The same for SQLite, where the messages of triggers and functions may quote rows.
std::string sqlite_reason(int code, const std::string& report) {
  constexpr int trigger = SQLITE_CONSTRAINT | 7 << 8; // `raise` of a trigger
  if (code != trigger)
    for (const auto* const known :
         {"UNIQUE constraint failed", "CHECK constraint failed", "NOT NULL constraint failed",
          "FOREIGN KEY constraint failed", "no such table"})
      if (const auto at = report.find(known); at != report.npos)
        return first_line(report.substr(at));
  return std::string(sqlite_api::sqlite3_errstr(code)) + " (SQLite's code " + std::to_string(code) +
         (code == trigger ? ", raised by a trigger)" : ")");
}

error_origin sqlite_origin(int code) {
  switch (code & 0xff) {
  case SQLITE_CONSTRAINT:
  case SQLITE_TOOBIG:
  case SQLITE_MISMATCH:
    return error_origin::draft;
  case SQLITE_ERROR: // an expression of a trigger has failed, or a table is missing
    return error_origin::unclear;
  default:
    return error_origin::database;
  }
}

} // namespace

std::string first_line(const std::string& report) {
  return report.substr(0, report.find('\n'));
}

classified_error classify_error(const std::exception& e) {
  classified_error out;
  // Not what(), because SOCI adds the statement and its bound values there.
  const auto* const of_soci = dynamic_cast<const soci::soci_error*>(&e);
  std::string report = of_soci ? of_soci->get_error_message() : e.what();
  for (const std::string prefix : {"Cannot establish connection to the database.\n",
                                   "Cannot execute query. ", "Fatal error. "})
    if (report.starts_with(prefix))
      report.erase(0, prefix.size());
  if (const auto* pg = dynamic_cast<const soci::postgresql_soci_error*>(&e)) {
    const auto state = pg->sqlstate();
    out.origin = postgresql_origin(state, report);
    out.reason = postgresql_reason(state, report);
    out.table_missing = state == "42P01";
    // 0A000: the plan of a prepared statement no longer fits the table.
    out.session_usable = out.origin != error_origin::database && !state.starts_with("0A");
    if (out.origin == error_origin::database && (state == "57014" || state == "55P03")) {
      // The session stays in use, so the hub does not open another one while the server still works
      // on this one.
      out.session_usable = true;
      out.too_slow = state == "57014";
      out.reason =
          "PostgreSQL ended a statement that waited too long, for a lock of another session or for "
          "a commit that waits for a standby";
    }
  } else if (const auto* lite = dynamic_cast<const soci::sqlite3_soci_error*>(&e)) {
    out.origin = sqlite_origin(lite->result());
    out.reason = sqlite_reason(lite->result(), report);
    out.table_missing = out.reason.starts_with("no such table");
    out.session_usable = out.origin == error_origin::draft;
  } else
    out.reason = first_line(report);
  return out;
}

} // namespace hubbub
