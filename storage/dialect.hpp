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
  /// `probe` and `begin` behind a pooler, where settings last for a transaction, and every one has
  /// its own.
  std::string pooled_probe = {}, pooled_begin = {};
  std::string pooled_read = {}; ///< Opens a transaction for anything else there.
  /// → the log's name, a number for its table, `interferes` and `flagged`.
  std::string table;
  std::string flagged;    ///< True at next to no cost if `interferes` may be.
  std::string interferes; ///< Others have triggers, rules or policies for what is inserted.
  /// :rows, :now → id; in the order of the rows. Wakes other hubs. Stores nothing where the table
  /// is not the one of the number that replaces `@table`, or what replaces `@others` is true.
  std::string insert;
  std::string insert_verified; ///< :rows, :now; where rows may be stored otherwise.
  std::string settle;          ///< Runs what is to run at the commit, now.
  std::string tell;            ///< :id; wakes other hubs.
  std::string row;             ///< The columns of a message, ending in `from messages m`.
  std::string by_key;          ///< Goes on from `row`; :rows
  std::string by_try;          ///< Goes on from `row`; :rows
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
  const std::string values =
      "insert into messages (room, text, connection_id, user_message_number, key, name, "
      "created_at) select g.r, g.t, g.c, g.n, g.k, g.a, cast(:now as timestamp) at time zone 'UTC' "
      "from ";
  // These flags may be left over, or set for foreign keys: only then is looked closer.
  const std::string flagged = "(c.relhastriggers or c.relhasrules or c.relrowsecurity)";
  const std::string interferes =
      "(c.relhastriggers and exists (select from pg_trigger t where t.tgrelid = c.oid and not "
      "t.tgisinternal and t.tgtype & 4 <> 0 and t.tgenabled <> 'D') or c.relhasrules and exists "
      "(select from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3' and r.ev_enabled <> "
      "'D') or c.relrowsecurity and row_security_active(c.oid))";
  const std::string row =
      "select m.id, m.room, coalesce(m.text, ''), cast(m.connection_id as text), "
      "m.user_message_number, coalesce(to_char(m.created_at at time zone 'UTC', "
      "'YYYY-MM-DD HH24:MI:SS.US'), ''), coalesce(m.key, ''), coalesce(m.name, '') from "
      "messages m";
  const std::string read = row + " order by m.id desc limit 1";
  const std::string room = "(select cast(:room as text))";
  // An insert of no rows waits for locks, and is refused for want of rights, on a standby and where
  // all is read-only, as one of many would; it leaves nothing to be vacuumed.
  const std::string none = "insert into messages (room, text, connection_id, user_message_number, "
                           "key, created_at) select 'lobby', '', null, 0, null, now() where false";
  const std::string pooled = "begin isolation level read committed;\nset local " +
                             statement_timeout_setting +
                             ";\nset local idle_in_transaction_session_timeout = '2s'";
  return dialect{
      // A snapshot a statement, whatever the server's default: see sql_log::append.
      .connected = "set default_transaction_isolation = 'read committed';\nset " +
                   statement_timeout_setting + ";\n" + session_settings,
      .probe = lock + "; " + none + "; " + read,
      .begin = "begin; " + lock,
      .pooled_probe = none + "; " + read,
      .pooled_begin = pooled + ";\n" + lock,
      .pooled_read = pooled,
      .table = "select coalesce(m.value, ''), cast(c.oid as bigint), cast(" + interferes +
               " as int), cast(" + flagged +
               " as int) from pg_class c left join hubbub_meta m on m.name = 'log' where c.oid = "
               "to_regclass('messages')",
      .flagged = flagged,
      .interferes = interferes,
      .insert = "with gate as materialized (" + lock +
                " from pg_class c where c.oid = @table and not @others), stored as (" + values +
                "gate, " + given +
                " order by g.o returning id), told as materialized (select pg_notify('hubbub', "
                "cast(max(id) as text)) from stored) "
                "select stored.id from stored, told order by stored.id",
      .insert_verified = values + given + " order by g.o",
      .settle = "set constraints all immediate",
      .tell = "select pg_notify('hubbub', cast(:id as text))",
      .row = row,
      .by_key = " where m.key in (select g.k from " + given + ")",
      .by_try = " join " + given + " on m.connection_id = g.c and m.user_message_number = g.n",
      // The planner may think that a walk down the primary key meets the room soon, and for a room
      // that was quiet for a million rows it is wrong. In these forms only (room, id) has the
      // order. From the room itself it would reckon with as many rows as the rooms behind it have,
      // and read and sort a whole large room in place of an index that it believes to be short. The
      // value of a subquery tells it nothing. So a page costs its own rows, however deep and
      // whatever the statistics say.
      .newer = " where (m.room, m.id) > (" + room + ", :cursor) and m.room <= " + room +
               " order by m.room, m.id limit :limit",
      .older = " where (m.room, m.id) < (" + room + ", :cursor) and m.room >= " + room +
               " order by m.room desc, m.id desc limit :limit",
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
  const std::string values =
      "insert into messages (room, text, connection_id, user_message_number, key, name, "
      "created_at) select " +
      field("r") + ", " + field("t") + ", " + field("c") + ", " + field("n") + ", " + field("k") +
      ", " + field("a") + ", :now from json_each(:rows)";
  const std::string interferes = "exists (select 1 from sqlite_master where type = 'trigger' and "
                                 "tbl_name = 'messages' collate nocase)";
  const std::string row =
      "select m.id, m.room, coalesce(m.text, ''), m.connection_id, m.user_message_number, "
      "coalesce(m.created_at, ''), coalesce(m.key, ''), coalesce(m.name, '') from messages m";
  const std::string read = row + " order by m.id desc limit 1";
  return dialect{
      // FULL: a commit is on the disk when it returns, in WAL mode too.
      .connected =
          "pragma busy_timeout = 1000; pragma journal_mode = wal; pragma synchronous = full",
      // No rows for the table, and one real write: a full disk shows in nothing less.
      .probe =
          "insert into messages (room, text, connection_id, user_message_number, created_at) "
          "select 'lobby', '', '', 0, '' where 0; insert into hubbub_meta (name, value) values "
          "('probe', hex(randomblob(8))) on conflict (name) do update set value = "
          "excluded.value; " +
          read,
      .begin = "begin immediate",
      .table = "select value, 0, " + interferes +
               ", 1 from hubbub_meta where name = 'log' and exists (select 1 from sqlite_master "
               "where type = 'table' and name = 'messages' collate nocase)",
      .flagged = interferes,
      .interferes = interferes,
      .insert = values + " where not @others order by " + field("o") + " returning id",
      .insert_verified = values + " order by " + field("o"),
      .settle = "",
      .tell = "",
      .row = row,
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
