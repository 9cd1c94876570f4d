#include "storage/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace hubbub {

namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

template<std::size_t Size>
bool begins_with_one_of(std::string_view text, const std::array<std::string_view, Size>& all) {
  return std::any_of(all.begin(), all.end(), [&](auto one) { return text.starts_with(one); });
}

/// The line of a verbose report with this title. The last one counts: what PostgreSQL quotes of
/// rows comes before the names of things, and may look like them.
std::string_view field(std::string_view report, std::string_view title) {
  const auto at = report.rfind('\n' + std::string(title) + ":  ");
  if (at == report.npos)
    return {};
  report.remove_prefix(at + title.size() + 4);
  return report.substr(0, report.find('\n'));
}

blame postgresql_blame(std::string_view state, std::string_view report) {
  const auto source = field(report, "LOCATION").substr(0, field(report, "LOCATION").find(','));
  if (source == "exec_stmt_raise") // PL/pgSQL's `raise`, with whatever SQLSTATE
    return blame::unclear;
  // Connections, transactions, rights to connect, conflicts, resources, locks, operators, files;
  // a statement that the server or a pooler forgot; damaged data; and a sequence at its end.
  constexpr std::array<std::string_view, 18> not_of_drafts{
      " ",  "08", "25", "26", "28", "3D",    "3F",    "40",    "53",
      "55", "57", "58", "72", "F0", "XX001", "XX002", "2200H", "42P05"};
  if (begins_with_one_of(state, not_of_drafts))
    return blame::database;
  // Rights of the table and its sequence, and not a policy for rows.
  if (state == "42501" && source != "ExecWithCheckOptions" && field(report, "CONTEXT").empty())
    return blame::database;
  if (state == "23505") {
    const auto which = field(report, "CONSTRAINT NAME");
    if (which == "messages_pkey") // the sequence is behind the rows, and gets on with every try
      return blame::database;
    // Another session may have committed what this one lost sight of; the next try will find it.
    return which == "hubbub_key" || which == "hubbub_connection_number" ? blame::unclear
                                                                        : blame::draft;
  }
  constexpr std::array<std::string_view, 3> of_drafts{"22", "23", "54"};
  return begins_with_one_of(state, of_drafts) ? blame::draft : blame::unclear;
}

blame sqlite_blame(int code) {
  switch (code & 0xff) {
  case SQLITE_CONSTRAINT:
  case SQLITE_TOOBIG:
  case SQLITE_MISMATCH:
    return blame::draft;
  case SQLITE_ERROR: // of a trigger's expression, or a table that is gone
    return blame::unclear;
  default:
    return blame::database;
  }
}

} // namespace

sql_failure examine_failure(const std::exception& e) {
  sql_failure out{blame::database, first_line(e.what()), false};
  if (const auto* pg = dynamic_cast<const soci::postgresql_soci_error*>(&e)) {
    const auto state = pg->sqlstate();
    out.whose = postgresql_blame(state, pg->get_error_message());
    // A plan may have outlived what it was made for.
    out.usable = out.whose != blame::database && !state.starts_with("0A");
  } else if (const auto* lite = dynamic_cast<const soci::sqlite3_soci_error*>(&e)) {
    out.whose = sqlite_blame(lite->result());
    out.usable = out.whose == blame::draft;
  }
  return out;
}

} // namespace hubbub
