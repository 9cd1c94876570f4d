// Parses DATABASE_URL: the forms of the old chat, and all of the URIs of libpq.
// Knows: the syntax of such a URL. Must not know: sessions, tables.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hubbub {

enum class database_kind { sqlite, postgresql };

/// The address of a database, and how the hub uses it.
struct database {
  database_kind kind = database_kind::sqlite;
  std::string connection_string; ///< For SOCI's backend, and for libpq.
  std::string file;              ///< The file of SQLite, as the URL names it.
  std::string display_name;      ///< For people and logs. It never contains a password.

  /// Receives the notices of PostgreSQL, one sentence at a time, on the thread that uses the
  /// connection. A text that a trigger or a function of the operator has made is never passed on,
  /// because it may quote messages. If empty, notices are dropped.
  std::function<void(const std::string&)> on_notice = {};

  /// The address of PostgreSQL itself, for sessions that LISTEN or hold locks, if
  /// `connection_string` may lead through a pooler. If empty, `connection_string` is for all.
  std::string listen_connection_string = {};

  /// Returns the address for a session that must keep its state.
  const std::string& direct_connection_string() const {
    return listen_connection_string.empty() ? connection_string : listen_connection_string;
  }
};

/// Accepts `postgresql://`, `postgres://`, `postgresql+asyncpg://` and other drivers, and
/// `sqlite:///relative.db` or `sqlite:////absolute.db` with any driver, percent-encoded where
/// needed. Throws std::invalid_argument with one sentence for the operator.
database parse_database_url(std::string_view url);

} // namespace hubbub
