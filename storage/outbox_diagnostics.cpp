#include "storage/outbox_diagnostics.hpp"

#include "storage/catalog.hpp"

#include <soci/soci.h>

#include <string>

namespace hubbub {

namespace {

constexpr auto exists = R"(
select case when to_regclass('hubbub_outbox') is null
  or to_regclass('hubbub_outbox_failed') is null
  or to_regprocedure('hubbub_publish(text,text,text,text)') is null
  or to_regprocedure('hubbub_publish(text,text,jsonb,text)') is null then 0 else 1 end)";

constexpr auto may_create = R"(
select cast(coalesce(bool_or(has_schema_privilege(relnamespace, 'create')), false) as int)
from pg_class where oid = to_regclass('messages'))";

constexpr auto missing_rights = R"(
select coalesce(string_agg(privilege || ' on ' || name, ', '), '')
from (values
  ('hubbub_outbox', 'select'), ('hubbub_outbox', 'delete'),
  ('hubbub_outbox_failed', 'select'), ('hubbub_outbox_failed', 'insert'),
  ('hubbub_outbox_failed', 'delete')
) as needed(name, privilege)
where not has_table_privilege(to_regclass(name), privilege))";

constexpr auto count_rows = R"(
select (select count(*) from hubbub_outbox), (select count(*) from hubbub_outbox_failed),
  (select cast(coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) as bigint)
   from hubbub_outbox))";

} // namespace

finding check_outbox(soci::session& sql) {
  if (!is_true(sql, exists))
    return {
        true,
        "outbox",
        is_true(sql, may_create)
            ? "the next start will create hubbub_publish and its tables"
            : "messages cannot be published by SQL, because hubbub_publish or one of its tables "
              "is missing: this role lacks create on the schema of the table messages",
        {}};
  std::string missing;
  sql << missing_rights, soci::into(missing);
  if (!missing.empty())
    return {false, "outbox",
            "messages published by SQL would not be moved by this hub: this role lacks " + missing,
            "grant " + missing + " to it"};
  long long waiting = 0, failed = 0, seconds = 0;
  sql << count_rows, soci::into(waiting), soci::into(failed), soci::into(seconds);
  std::string text = "messages can be published by SQL";
  if (waiting)
    text += "; " + std::to_string(waiting) + " wait for a hub, the oldest since " +
            std::to_string(seconds) + " s";
  if (failed)
    text += "; " + std::to_string(failed) +
            " could not be stored: look at the column why of hubbub_outbox_failed";
  return {true, "outbox", text, {}};
}

} // namespace hubbub
