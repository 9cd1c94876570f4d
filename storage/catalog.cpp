#include "storage/catalog.hpp"

#include "storage/sql_text.hpp"

#include <soci/soci.h>

namespace hubbub {

namespace {

namespace postgres {

constexpr auto has_table = R"(
select case when to_regclass('{table}') is null then 0 else 1 end)";

constexpr auto has_column = R"(
select count(*) from pg_attribute
where attrelid = to_regclass('{table}') and attname = '{column}' and not attisdropped)";

} // namespace postgres

namespace sqlite {

constexpr auto has_table = R"(
select count(*) from sqlite_master where type = 'table' and name = '{table}')";

constexpr auto has_column = R"(
select count(*) from pragma_table_info('{table}') where name = '{column}')";

} // namespace sqlite

} // namespace

bool is_true(soci::session& sql, const std::string& question) {
  int answer = 0;
  sql << question, soci::into(answer);
  return answer != 0;
}

bool has_table(soci::session& sql, database_kind kind, const std::string& table) {
  const auto* text = kind == database_kind::sqlite ? sqlite::has_table : postgres::has_table;
  return is_true(sql, fill_sql(text, {{"table", table}}));
}

bool has_column(soci::session& sql, database_kind kind, const std::string& table,
                const std::string& column) {
  const auto* text = kind == database_kind::sqlite ? sqlite::has_column : postgres::has_column;
  return is_true(sql, fill_sql(text, {{"table", table}, {"column", column}}));
}

} // namespace hubbub
