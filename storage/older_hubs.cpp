#include "storage/older_hubs.hpp"

#include "storage/catalog.hpp"
#include "storage/presence_statements.hpp"

namespace hubbub {

namespace {

// Null where there is no table.
constexpr auto can_read_hubs = R"(
select case when has_table_privilege(to_regclass('hubbub_hubs'), 'select') then 1 else 0 end)";

} // namespace

bool older_hub_lives(soci::session& sql) {
  return is_true(sql, can_read_hubs) &&
         is_true(sql, "select cast((" + presence::older_hub_lives("0") + ") as integer)");
}

finding check_older_hubs(soci::session& sql) {
  return {true,
          "hubs",
          older_hub_lives(sql) ? "a hub of an older version runs on this database: messages with "
                                 "data are refused until it ends"
                               : "no hub of an older version runs on this database",
          {}};
}

} // namespace hubbub
