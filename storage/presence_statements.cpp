#include "storage/presence_statements.hpp"

#include "storage/dialect.hpp"
#include "storage/postgres_session.hpp"
#include "storage/sql_text.hpp"

namespace hubbub::presence {

namespace {

/// The advisory lock of a hub is a pair of the table's OID and the hub's number. The hubs of
/// another schema have another table, and so other locks.
constexpr auto lock_class = "cast(cast(cast('hubbub_hubs' as regclass) as oid) as int4)";

/// Takes the lock that every session holds while it writes rows of presence, until the end of the
/// transaction.
constexpr auto write_lock = "pg_advisory_xact_lock({lock_class}, 0)";

constexpr auto delete_dead_hubs_text = R"(
with dead as (
  delete from hubbub_hubs
  where number <> {me} and (
    (number = {ended_number} and token = '{ended_token}')
    or pg_try_advisory_xact_lock_shared({lock_class}, number))
  returning number
)
update hubbub_presence
set online = 0, revision = (select nextval('hubbub_revision'))
from dead where hub = dead.number and online > 0)";

constexpr auto insert_hub_text = R"(
with me as (
  insert into hubbub_hubs (number{version_column}) overriding system value
  select cast(nextval('hubbub_revision') % 2147483647 as integer) + 1{version}
  returning number, token)
select number, token, pg_advisory_lock({lock_class}, number) from me)";

// A conversion to JSON finds no version where the column is missing, while a name of the column
// would be an error. An exclusive lock, which a living hub holds, refuses the shared one.
constexpr auto older_hub_lives_text = R"(
select exists (
  select from hubbub_hubs h
  where number <> {me} and coalesce(cast(to_jsonb(h) ->> 'version' as integer), 0) < {version}
    and not pg_try_advisory_xact_lock_shared({lock_class}, number)))";

constexpr auto write_counts_text = R"(
with gate as materialized (
  select {write_lock}
), now as materialized (
  select nextval('hubbub_revision') as revision from gate
), notified as materialized (
  select pg_notify('hubbub_hubs', '') from gate
), stored as (
  insert into hubbub_presence (room, hub, online, revision)
  select r, cast($1 as integer), n, revision
  from json_to_recordset(cast($2 as json)) as g(r text, n int), now, notified
  on conflict (room, hub) do update
  set online = excluded.online, revision = excluded.revision
  returning revision
)
select max(revision) from stored)";

constexpr auto delete_empty_rooms_text = R"(
with gate as materialized (
  select {write_lock}
), deleted as (
  delete from hubbub_presence using gate
  where online = 0 and revision <= cast($1 as bigint) returning revision
)
update hubbub_meta
set value = cast(greatest(cast(value as bigint), (select max(revision) from deleted)) as text)
where name = 'presence_floor' and exists (select from deleted))";

constexpr auto watch_predecessor_text = R"(
do $$ begin
  perform pg_advisory_xact_lock_shared({lock_class}, number) from (
    select number from hubbub_hubs where number <> {me}
    order by number < {me} desc, number desc limit 1) as before;
  if not found then
    return;
  end if;
  perform {write_lock};
  {delete_dead_hubs};
  perform pg_notify('hubbub_hubs', 'ring');
exception when lock_not_available or query_canceled then null;
end $$)";

// The rows that these sessions write do not outlive the hubs, so no commit waits for a standby.
constexpr auto listen_session_setup_text = R"({session_settings};
set synchronous_commit = local;
set {statement_timeout})";

constexpr auto watch_session_setup_text = R"({session_settings};
set synchronous_commit = local;
set lock_timeout = '10s';
set statement_timeout = '14s')";

// A server may hide its timeline, and an error of a single statement would end the connection.
constexpr auto ask_server_text = R"(do $$ begin
  perform set_config('hubbub.system', {system}, false),
    set_config('hubbub.timeline', {timeline}, false);
exception when others then
  perform set_config('hubbub.system', '', false), set_config('hubbub.timeline', '', false);
end $$;
select current_setting('hubbub.system'), current_setting('hubbub.timeline'))";

std::string fill(const char* text) {
  return fill_sql(text, {{"write_lock", write_lock},
                         {"lock_class", lock_class},
                         {"session_settings", session_settings},
                         {"statement_timeout", statement_timeout_setting}});
}

} // namespace

const std::vector<std::string>& create_tables() {
  static const std::vector<std::string> all{
      R"(create unlogged table if not exists hubbub_hubs (
        number integer generated always as identity primary key,
        token uuid default gen_random_uuid(), version integer))",
      R"(create unlogged table if not exists hubbub_presence (
        room text not null, hub integer not null, online integer not null,
        revision bigint not null, primary key (room, hub)))",
      R"(create index if not exists hubbub_presence_revision on hubbub_presence (revision))",
      R"(create sequence if not exists hubbub_revision)",
      R"(insert into hubbub_meta (name, value) values ('presence_floor', '0')
        on conflict do nothing)"};
  return all;
}

const std::vector<std::string>& add_hub_columns() {
  static const std::vector<std::string> all{
      R"(select pg_notify('hubbub_hubs', 'ring'))", //
      R"(begin)",                                   //
      R"(set local lock_timeout = '2s')",
      R"(alter table hubbub_hubs add column if not exists token uuid default gen_random_uuid(),
        add column if not exists version integer)",
      R"(commit)"};
  return all;
}

std::string listen_session_setup() {
  return fill(listen_session_setup_text);
}

std::string watch_session_setup() {
  return fill(watch_session_setup_text);
}

std::string ask_server() {
  const auto& texts = dialect_of(database_kind::postgresql);
  return fill_sql(ask_server_text, {{"system", texts.system}, {"timeline", texts.timeline}});
}

const char* const tables_exist = R"(
select to_regclass('hubbub_presence') is not null, exists (
  select from pg_attribute
  where attrelid = to_regclass('hubbub_hubs') and attname = 'version' and not attisdropped))";

std::string older_hub_lives(const std::string& me) {
  return fill_sql(fill(older_hub_lives_text),
                  {{"me", me}, {"version", std::to_string(hub_version)}});
}

const char* const listen = "listen hubbub; listen hubbub_hubs; listen hubbub_outbox";

std::string begin_write() {
  return fill("begin; select {write_lock}");
}

const char* const notify_ring_and_commit = "select pg_notify('hubbub_hubs', 'ring'); commit";

std::string insert_hub(bool with_version) {
  return fill_sql(fill(insert_hub_text),
                  {{"version_column", with_version ? ", version" : ""},
                   {"version", with_version ? ", " + std::to_string(hub_version) : ""}});
}

std::string delete_dead_hubs(const std::string& me, const hub_row& ended) {
  return fill_sql(fill(delete_dead_hubs_text),
                  {{"me", me}, {"ended_number", ended.number}, {"ended_token", ended.token}});
}

std::string write_counts() {
  return fill(write_counts_text);
}

const char* const read_counts = R"(
with floor as materialized (
  select cast(value as bigint) as at from hubbub_meta where name = 'presence_floor'
), since as materialized (
  select case when at > cast($2 as bigint) then -1 else cast($2 as bigint) end as at from floor
), changed as (
  select distinct room from hubbub_presence
  where revision > (select at from since) and hub <> cast($1 as integer)
)
select greatest((select max(revision) from hubbub_presence), floor.at, cast($2 as bigint)),
  since.at = -1, r.room, r.online
from floor cross join since left join (
  select p.room,
    coalesce(sum(p.online) filter (where p.hub <> cast($1 as integer)), 0) as online
  from hubbub_presence p join changed using (room) group by p.room
) as r on true)";

std::string delete_empty_rooms() {
  return fill(delete_empty_rooms_text);
}

std::string watch_predecessor(const std::string& me) {
  return fill_sql(fill(watch_predecessor_text),
                  {{"me", me}, {"delete_dead_hubs", delete_dead_hubs(me, {})}});
}

} // namespace hubbub::presence
