#include "storage/older_hubs.hpp"

#include "storage/presence_statements.hpp"

#include <soci/soci.h>

namespace hubbub {

namespace {

// Null where there is no table.
constexpr auto can_read_hubs = R"(
select case when has_table_privilege(to_regclass('hubbub_hubs'), 'select') then 1 else 0 end)";

bool ask(soci::session& sql, const std::string& question) {
  int answer = 0;
  sql << question, soci::into(answer);
  return answer != 0;
}

} // namespace

bool older_hub_lives(soci::session& sql) {
  return ask(sql, can_read_hubs) &&
         ask(sql, "select cast((" + presence::older_hub_lives("0") + ") as integer)");
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
