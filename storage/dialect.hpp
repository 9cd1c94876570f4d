// The statements of the log, as PostgreSQL and SQLite need them.
// Knows: the statements of both databases. Must not know: how or when a statement is run.
#pragma once

#include "storage/database_url.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// For both databases: returns the greatest id, or 0.
inline constexpr auto select_newest_id = "select coalesce(max(id), 0) from messages";

/// The statements over `messages` for one database.
///
/// A batch is one JSON parameter, so one prepared statement stores any number of rows:
/// `[{"o":order,"r":room,"t":text,"c":connection,"n":number,"k":key,"a":name,"p":person,"d":data}]`.
/// The last three are absent where there is nothing. The data is JSON text, and so a string here.
/// A batch of keys is `[{"k":key,"l":bytes of the data}]`, and one of numbers is
/// `[{"c":connection,"n":number}]`.
/// A list of statements runs in its order, one round trip for each. A text for
/// PostgreSQL may itself be several statements, which take one round trip.
struct dialect {
  std::vector<std::string> session_setup; ///< For every new connection.
  std::vector<std::string> probe; ///< Fails if an append would fail, and waits if it would wait.
  std::vector<std::string> begin_append; ///< Begins a transaction that holds the append lock.

  /// `probe` and `begin_append` behind a pooler, where every transaction has its own settings.
  /// `pooled_begin_read` begins any other transaction there.
  std::vector<std::string> pooled_probe = {}, pooled_begin_append = {}, pooled_begin_read = {};

  /// Returns the identity of the log, a number that identifies its table, `interferes`,
  /// `may_interfere`, the record of forks, the expressions {system} and {timeline}, whether the row
  /// :seen of :seen_author and :seen_number is there, and whether the table itself gives ids that
  /// are over every id that it has given before.
  std::string inspect_table;

  /// Expressions: the identifier of the server's cluster, and the timeline of the server. A server
  /// may hide them, and then they fail. `ask_server` returns both; it is empty for SQLite.
  std::string system, timeline, ask_server = {};

  /// An expression: the log has lost no row and has no new fork. The row :seen of :seen_author
  /// and :seen_number is there, or :seen is 0; {forks} is the record of forks; {on_timeline} is
  /// true.
  std::string on_branch;
  std::string on_timeline = {}; ///< An expression: {timeline} is the server's timeline.

  /// The ids of the rows of a batch, all over {floor}, for a table that gives none itself.
  std::string next_ids = {};

  /// An expression: the operator has triggers, rules or policies for inserted rows, so a row may be
  /// stored changed.
  std::string interferes;
  /// An expression that costs almost nothing. It is true whenever `interferes` is true, and
  /// sometimes otherwise.
  std::string may_interfere;

  /// Stores the batch :rows at the time :now, notifies the other hubs and returns the ids in the
  /// order of the rows. Stores nothing if the table is not the table {table_id}, the expression
  /// {unexpected} is true, or {on_branch} is false. For SQLite, {id_column} and {id_value} precede
  /// the other columns and values.
  std::string insert;
  /// Stores :rows at :now in a table whose rows may be changed.
  std::string insert_verified;
  std::string fire_triggers; ///< Runs deferred triggers and checks before the commit, or empty.
  std::string notify;        ///< Notifies the other hubs of :id, or empty.

  // Statements that return the columns of a message.
  /// The rows with the keys of the batch :rows, once for each row of the batch. If the data of a
  /// row is longer than the batch says, a space is in its place.
  std::string find_keys;
  std::string find_numbers;   ///< The rows with the connections and numbers of the batch :rows.
  std::string after;          ///< All rooms, ids above :cursor up to :last, oldest first; :limit.
  std::string after_in_room;  ///< :room, ids above :cursor, oldest first; :limit.
  std::string before_in_room; ///< :room, ids below :cursor, newest first; :limit.
  /// The newest :limit of each of :rooms, a JSON array, with ids below :cursor.
  std::string newest_in_rooms;

  /// Returns how many rows of :room have ids above :cursor and up to :last, at most :most.
  std::string count_in_room;

  /// `insert` alone may be a whole transaction in one round trip. False where an SQL statement
  /// stays open after the insert, as in SQLite.
  bool autocommit_insert = false;
};

const dialect& dialect_of(database_kind kind);

} // namespace hubbub
