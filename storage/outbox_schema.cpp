#include "storage/outbox_schema.hpp"

#include "storage/catalog.hpp"
#include "storage/dialect.hpp"
#include "storage/later_columns.hpp"
#include "storage/room_name.hpp"
#include "storage/sql_text.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <array>
#include <cstdio>

namespace hubbub {

namespace {

/// The version of the functions, which is in their text. A hub replaces those of a lower version.
constexpr auto function_version = "1";

constexpr auto select_schema = R"(
select quote_ident(n.nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass('messages'))";

// Two tables and two functions. A function that names another schema is one that was renamed.
constexpr auto is_current = R"(
select case when to_regclass('{quoted}.hubbub_outbox') is not null
  and to_regclass('{quoted}.hubbub_outbox_failed') is not null
  and 2 = (
    select count(*) from pg_proc p
    where p.oid in (to_regprocedure('{quoted}.hubbub_publish(text,text,text,text)'),
                    to_regprocedure('{quoted}.hubbub_publish(text,text,jsonb,text)'))
      and cast(coalesce(substring(p.prosrc from 'hubbub_publish, version ([0-9]+)'), '0') as int)
        >= {version}
      and position('{quoted}.hubbub_' in p.prosrc) > 0)
then 1 else 0 end)";

constexpr auto begin = R"(begin;
set local lock_timeout = '2s';
set local statement_timeout = '4s';
set local idle_in_transaction_session_timeout = '2s';
select pg_advisory_xact_lock({key}))";

// Every row is deleted soon, so the tables are vacuumed whatever their size. The checks bound the
// memory of a move. Names of constraints would have to be distinct.
constexpr auto create_outbox_table = R"(
create table {schema}.hubbub_outbox (
  id bigint generated always as identity primary key,
  room text not null check (octet_length(room) <= 1024),
  text text not null check (char_length(text) <= 1000),
  data text check (octet_length(data) <= 262144),
  key text check (char_length(key) between 1 and 64),
  connection_id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp()
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 1000,
  toast.autovacuum_vacuum_cost_delay = 0))";

// Not unique: two open transactions with one key would wait for each other.
constexpr auto create_key_index = R"(
create index hubbub_outbox_key on {schema}.hubbub_outbox (key) where key is not null)";

constexpr auto create_failed_table = R"(
create table {schema}.hubbub_outbox_failed (
  number bigint generated always as identity primary key,
  id bigint not null, room text not null, text text not null, data text, key text,
  connection_id uuid not null, created_at timestamptz not null,
  why text not null, failed_at timestamptz not null default clock_timestamp()))";

constexpr auto revoke_table = "revoke all on table {schema}.{name} from public";

constexpr auto text_signature = "text,text,text,text", json_signature = "text,text,jsonb,text";

// PostgreSQL may have cached, from the look before the lock, that there is no relation or function.
// To read from the catalog drops that.
constexpr auto has_relation = R"(
select count(*) from pg_class c where c.oid = to_regclass('{quoted}.{name}'))";

constexpr auto has_function = R"(
select count(*) from pg_proc p
where p.oid = to_regprocedure('{quoted}.hubbub_publish({signature})'))";

constexpr auto revoke_function =
    "revoke all on function {schema}.hubbub_publish({signature}) from public";

// Whatever the caller has set, the names in the function mean what they mean here. Until the commit
// the transaction of the caller has no lock but those of an insert and of reading, so it does not
// wait for a hub, and a hub does not wait for it. Because of the NOTIFY, PostgreSQL holds the lock
// on its queue of notifications from the start of the commit until the commit is on disk, as it
// does for each commit of a hub. So these commits wait for each other. The index on keys is used
// although the statistics of the outbox are those of an empty table.
constexpr auto function_settings = R"(security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set enable_seqscan = off)";

// The pattern of a room's name allows the two joiners anywhere but at its start. The move judges
// their neighbours, and sets a row aside as bad_room.
// No apostrophe in the texts: SOCI looks for names after colons outside of quotes.
constexpr auto create_text_function = R"(
create or replace function {schema}.hubbub_publish(
  room text, text text default '', data text default null, key text default null)
returns void language plpgsql {settings}
as $hubbub$
-- hubbub_publish, version {version}, is replaced by hubs of a later version.
declare
  to_room text = hubbub_publish.room;
  body text = coalesce(hubbub_publish.text, '');
  payload text = btrim(hubbub_publish.data, E' \t\n\r');
  given text = hubbub_publish.key;
begin
  if to_room is null or octet_length(to_room) > 1024 then
    to_room = '';
  end if;
  if to_room collate "C" !~ '^[A-Za-z0-9._-]{1,64}$' then
    if getdatabaseencoding() = 'UTF8' then
      to_room = normalize(to_room, NFC);
    end if;
    if to_room collate "C" !~
      '^(?![\u200c\u200d])[A-Za-z0-9._{characters}\u200c\u200d-]{1,64}$'
    then
      raise exception 'the name of a room has 1 to 64 letters or digits of any script, ".", "_" or "-"'
        using errcode = '22023', detail = 'bad_room';
    end if;
  end if;
  if body = '' and payload is null then
    raise exception 'a message has a text, or data'
      using errcode = '22023', detail = 'no_text';
  end if;
  if char_length(body) > 1000 then
    raise exception 'the text has over 1000 characters'
      using errcode = '22023', detail = 'too_long';
  end if;
  if given is not null and char_length(given) not between 1 and 64 then
    raise exception 'a key has 1 to 64 characters'
      using errcode = '22023', detail = 'bad_key';
  end if;
  if payload is not null then
    if octet_length(payload) > 262144 then
      raise exception 'data is over 262144 bytes'
        using errcode = '22023', detail = 'too_long';
    end if;
    begin
      perform cast(payload as json);
    exception when data_exception or statement_too_complex then
      raise exception 'data is no JSON, or has too many levels'
        using errcode = '22023', detail = 'bad_json';
    end;
  end if;
  if given is not null and (
    exists (
      select from {schema}.hubbub_outbox o where o.key = given and (o.room, o.text, o.data)
        is distinct from (to_room, body, payload))
    or exists (
      select from {schema}.messages m where m.key = given and (m.room, m.text, coalesce(m.data, ''))
        is distinct from (to_room, body, coalesce(payload, '')))
    and not exists (
      select from pg_class c where c.oid = cast('{quoted}.messages' as regclass) and {interferes}))
  then
    raise exception 'another message has this key'
      using errcode = '22023', detail = 'key_conflict';
  end if;
  insert into {schema}.hubbub_outbox (room, text, data, key)
  values (to_room, body, payload, given);
  perform pg_notify('hubbub_outbox', '');
end
$hubbub$)";

constexpr auto create_json_function = R"(
create or replace function {schema}.hubbub_publish(
  room text, text text, data jsonb, key text default null)
returns void language plpgsql {settings}
as $hubbub$
-- hubbub_publish, version {version}, is replaced by hubs of a later version.
begin
  perform {schema}.hubbub_publish($1, $2, cast($3 as text), $4);
end
$hubbub$)";

// SQLSTATEs. The timeout of a statement has query_canceled.
constexpr auto insufficient_privilege = "42501", lock_not_available = "55P03",
               query_canceled = "57014";

constexpr auto may_not_create =
    "this role may not create hubbub_publish and its tables, so no message can be published by "
    "SQL: hubbub doctor says what is missing";
constexpr auto may_not_replace =
    "this role may not replace the functions hubbub_publish, so those of another version stay in "
    "use";
constexpr auto another_session_holds =
    "hubbub_publish and its tables could not be created or replaced, because another session held "
    "a lock: this hub tries again when it opens the log again";

/// Returns the characters over ASCII of a room's name as a part of a regular expression.
std::string characters() {
  std::string out;
  const auto add = [&](char32_t c) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), c < 0x10000 ? "\\u%04x" : "\\U%08x", unsigned(c));
    out += text.data();
  };
  for (const auto& [first, last] : room_name_characters()) {
    add(first);
    if (first == last)
      continue;
    out += '-';
    add(last);
  }
  return out;
}

/// Returns the name as a part of a text between apostrophes.
std::string in_quotes(std::string name) {
  for (auto at = name.find('\''); at != name.npos; at = name.find('\'', at + 2))
    name.insert(at, 1, '\'');
  return name;
}

bool is_there(soci::session& sql, const std::string& schema, const char* name) {
  return is_true(sql, fill_sql(has_relation, {{"quoted", in_quotes(schema)}, {"name", name}}));
}

void create_table(soci::session& sql, const std::string& schema, const char* name,
                  const char* create) {
  if (is_there(sql, schema, name))
    return;
  sql << fill_sql(create, {{"schema", schema}});
  sql << fill_sql(revoke_table, {{"schema", schema}, {"name", name}});
}

/// Asks first, because `create index if not exists` waits for the open transactions that have
/// published, even if the index exists.
void create_index(soci::session& sql, const std::string& schema) {
  if (!is_there(sql, schema, "hubbub_outbox_key"))
    sql << fill_sql(create_key_index, {{"schema", schema}});
}

void create_function(soci::session& sql, const std::string& schema, const char* signature,
                     const char* create) {
  const auto fill = [&](const char* text) {
    return fill_sql(text,
                    {{"schema", schema}, {"quoted", in_quotes(schema)}, {"signature", signature}});
  };
  const bool is_new = !is_true(sql, fill(has_function));
  sql << fill_sql(create, {{"settings", function_settings},
                           {"interferes", dialect_of(database_kind::postgresql).interferes},
                           {"schema", schema},
                           {"quoted", in_quotes(schema)},
                           {"characters", characters()},
                           {"version", function_version}});
  if (is_new) // an operator may have granted it to PUBLIC since
    sql << fill(revoke_function);
}

} // namespace

std::string create_outbox(soci::session& sql) {
  std::string schema;
  sql << select_schema, soci::into(schema);
  const auto current =
      fill_sql(is_current, {{"quoted", in_quotes(schema)}, {"version", function_version}});
  if (is_true(sql, current))
    return {};
  try {
    sql << fill_sql(begin, {{"key", std::to_string(schema_lock_key)}});
    create_table(sql, schema, "hubbub_outbox", create_outbox_table);
    create_index(sql, schema);
    create_table(sql, schema, "hubbub_outbox_failed", create_failed_table);
    create_function(sql, schema, text_signature, create_text_function);
    create_function(sql, schema, json_signature, create_json_function);
    sql << "commit";
  } catch (const soci::postgresql_soci_error& e) {
    const auto state = e.sqlstate();
    if (state != insufficient_privilege && state != lock_not_available && state != query_canceled)
      throw;
    sql << "rollback";
    if (state != insufficient_privilege)
      return another_session_holds;
    const auto text_function =
        fill_sql(has_function, {{"quoted", in_quotes(schema)}, {"signature", text_signature}});
    return is_true(sql, text_function) ? may_not_replace : may_not_create;
  }
  return {};
}

} // namespace hubbub
