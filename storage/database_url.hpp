// DATABASE_URL, in every form that the old chat took.
// Knows: how such an address is written. Must not know: what is done with the database.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hubbub {

enum class database_kind { sqlite, postgresql };

struct database {
  database_kind kind = database_kind::sqlite;
  std::string connection_string; ///< What SOCI's backend wants to hear.
  std::string file;              ///< SQLite's, as it was given.
  std::string display_name;      ///< For people and logs: never with a password.

  /// Told what PostgreSQL's server says beside its answers, one sentence at a time, on the thread
  /// that asks. Never with a text that a trigger or a function of the operator's has made: it may
  /// hold what people say. Without it the server's words are dropped.
  std::function<void(const std::string&)> on_notice = {};

  /// PostgreSQL's own address, for what a session must keep: LISTEN and locks. `connect` may lead
  /// through a pooler then. Empty: `connect` is for everything.
  std::string listen_connection_string = {};

  /// Where a session keeps what it is told.
  const std::string& direct_connection_string() const {
    return listen_connection_string.empty() ? connection_string : listen_connection_string;
  }
};

/// Takes `postgresql://`, `postgres://`, `postgresql+asyncpg://` and other drivers, and
/// `sqlite:///relative.db` or `sqlite:////absolute.db` with any driver, percent-encoded where
/// needed. Throws std::invalid_argument with one sentence for the operator.
database parse_database_url(std::string_view url);

} // namespace hubbub
