// What PostgreSQL and SQLite say differently.
// Knows: the statements of both. Must not know: how or when they are run.
#pragma once

#include "storage/database_url.hpp"
#include "storage/postgres_session.hpp"

#include <string>

namespace hubbub {

/// Statements over `messages`. A batch travels as one JSON parameter, so that it is one statement,
/// prepared once, whatever its size:
/// `[{"o":order,"r":room,"t":text,"c":connection,"n":number,"k":key,"a":name}]`.
struct dialect {
  std::string connected; ///< Run on every new connection, separated by `;`.
  std::string probe;     ///< Fails, or waits, if an append would; separated by `;`.
  std::string begin;     ///< Opens a transaction that holds the right to append.
  /// The same two behind a pooler, where settings last for a transaction, and every one has its
  /// own.
  std::string pooled_probe = {}, pooled_begin = {};
  std::string pooled_read = {}; ///< Opens a transaction for anything else there.
  std::string insert;           ///< :rows, :now → id; in the order of the rows. Wakes other hubs.
  std::string row;              ///< The columns of a message, ending in `from messages m`.
  std::string by_key;           ///< Goes on from `row`; :rows
  std::string by_try;           ///< Goes on from `row`; :rows
  std::string newer; ///< Goes on from `row`: of a room, oldest first; :room, :cursor, :limit
  std::string older; ///< Goes on from `row`: of a room, newest first; :room, :cursor, :limit
  /// Goes on from `row`: the newest :limit of each of :rooms (a JSON array) under :cursor.
  std::string newest;
  /// `insert` alone is a whole transaction, in one trip. Not where a cursor could stay open behind
  /// it.
  bool lone_insert = false;
};

inline const dialect postgresql_dialect = [] {
  // Sequences do not promise that ids grow in commit order; one lock for all who append does.
  // 7526466502384809314 is "hubbub" and a number, unlikely to be anyone else's.
  const std::string lock = "select pg_advisory_xact_lock(7526466502384809314)";
  const std::string given =
      "json_to_recordset(cast(:rows as json)) as g(o int, r text, t text, c uuid, n int, k text, "
      "a text)";
  // Waits for locks, and is refused for want of rights, on a standby and where all is read-only, as
  // an insert of many rows would; it leaves nothing to be vacuumed.
  const std::string none = "insert into messages (room, text, connection_id, user_message_number, "
                           "key, created_at) select 'lobby', '', null, 0, null, now() where false";
  const std::string pooled = "begin isolation level read committed;\nset local " + statement_time +
                             ";\nset local idle_in_transaction_session_timeout = '2s';\n"
                             "set local client_min_messages = warning";
  return dialect{
      // A snapshot a statement, whatever the server's default: see sql_log::append.
      .connected = "set default_transaction_isolation = 'read committed';\nset " + statement_time +
                   ";\n" + notice_the_dead,
      .probe = lock + "; " + none,
      .begin = "begin; " + lock,
      .pooled_probe = none,
      .pooled_begin = pooled + ";\n" + lock,
      .pooled_read = pooled,
      .insert =
          "with gate as materialized (" + lock +
          "), stored as (insert into messages (room, text, connection_id, user_message_number, "
          "key, name, created_at) "
          "select g.r, g.t, g.c, g.n, g.k, g.a, cast(:now as timestamp) at time zone 'UTC' from "
          "gate, " +
          given +
          " order by g.o returning id), told as materialized (select pg_notify('hubbub', "
          "cast(max(id) as text)) from stored) "
          "select stored.id from stored, told order by stored.id",
      .row = "select m.id, m.room, coalesce(m.text, ''), cast(m.connection_id as text), "
             "m.user_message_number, coalesce(to_char(m.created_at at time zone 'UTC', "
             "'YYYY-MM-DD HH24:MI:SS.US'), ''), coalesce(m.key, ''), coalesce(m.name, '') from "
             "messages m",
      .by_key = " where m.key in (select g.k from " + given + ")",
      .by_try = " join " + given + " on m.connection_id = g.c and m.user_message_number = g.n",
      // The planner may think that a walk down the primary key meets the room soon, and for a room
      // that was quiet for a million rows it is wrong. In these forms only (room, id) has the
      // order,
      // and a page costs its own rows, however deep and whatever the statistics say.
      .newer = " where (m.room, m.id) > (:room, :cursor) and m.room <= :room "
               "order by m.room, m.id limit :limit",
      .older = " where (m.room, m.id) < (:room, :cursor) and m.room >= :room "
               "order by m.room desc, m.id desc limit :limit",
      .newest = " join (select p.id from json_array_elements_text(cast(:rooms as json)) as g(room) "
                "cross join lateral (select i.id from messages i where (i.room, i.id) < (g.room, "
                ":cursor) and i.room >= g.room order by i.room desc, i.id desc limit :limit) as p) "
                "as n on n.id = m.id order by m.id",
      .lone_insert = true,
  };
}();

inline const dialect sqlite_dialect = [] {
  const auto field = [](const std::string& name) {
    return "json_extract(value, '$." + name + "')";
  };
  return dialect{
      // FULL: a commit is on the disk when it returns, in WAL mode too.
      .connected =
          "pragma busy_timeout = 1000; pragma journal_mode = wal; pragma synchronous = full",
      // No rows for the table, and one real write: a full disk shows in nothing less.
      .probe =
          "insert into messages (room, text, connection_id, user_message_number, created_at) "
          "select 'lobby', '', '', 0, '' where 0; insert into hubbub_meta (name, value) values "
          "('probe', hex(randomblob(8))) on conflict (name) do update set value = excluded.value",
      .begin = "begin immediate",
      .insert = "insert into messages (room, text, connection_id, user_message_number, key, name, "
                "created_at) "
                "select " +
                field("r") + ", " + field("t") + ", " + field("c") + ", " + field("n") + ", " +
                field("k") + ", " + field("a") + ", :now from json_each(:rows) order by " +
                field("o") + " returning id",
      .row =
          "select m.id, m.room, coalesce(m.text, ''), m.connection_id, m.user_message_number, "
          "coalesce(m.created_at, ''), coalesce(m.key, ''), coalesce(m.name, '') from messages m",
      .by_key = " where m.key in (select " + field("k") + " from json_each(:rows))",
      .by_try = " join json_each(:rows) on m.connection_id = " + field("c") +
                " and m.user_message_number = " + field("n"),
      .newer = " where m.room = :room and m.id > :cursor order by m.id limit :limit",
      .older = " where m.room = :room and m.id < :cursor order by m.id desc limit :limit",
      .newest = " join json_each(:rooms) g on m.id in (select i.id from messages i where i.room = "
                "g.value and i.id < :cursor order by i.id desc limit :limit) order by m.id",
  };
}();

} // namespace hubbub
