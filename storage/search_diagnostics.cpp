#include "storage/search_diagnostics.hpp"

#include "storage/catalog.hpp"
#include "storage/search_statements.hpp"
#include "storage/soci_backends.hpp"

#include <algorithm>
#include <filesystem>

namespace hubbub {

namespace {

namespace texts = search_statements;

constexpr auto owns_table = R"(
select cast(coalesce((select pg_has_role(relowner, 'usage') from pg_class
  where oid = to_regclass('messages')), true) as int))";

constexpr auto has_fts5 = "select count(*) from pragma_module_list where name = 'fts5'";

std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::vector<finding> examine_postgresql(soci::session& sql, bool wanted) {
  if (!wanted) {
    if (!is_true(sql, texts::exists(database_kind::postgresql)))
      return {};
    return {{true,
             "search",
             "SEARCH is not set, but there is the index hubbub_search, which costs every insert; "
             "if no hub has SEARCH: " +
                 std::string(texts::drop_index),
             {}}};
  }
  if (is_true(sql, texts::is_ready(database_kind::postgresql)))
    return {{true, "search", "the index is there", {}}};
  if (is_true(sql, owns_table))
    return {{true, "search", "the start will make the index, beside everything else", {}}};
  return {{false, "search",
           "this role does not own the table messages, and only the owner can make the index",
           "let the owner of the table run: " + in_one_line(texts::create_index())}};
}

} // namespace

std::vector<finding> diagnose_search(const database& where, bool wanted) {
  const bool sqlite = where.kind == database_kind::sqlite;
  if (std::error_code ec; sqlite && (!wanted || !std::filesystem::exists(where.file, ec)))
    return {};
  try {
    soci::session sql(backend_of(where.kind), where.connection_string);
    if (!sqlite)
      return examine_postgresql(sql, wanted);
    const bool able = is_true(sql, has_fts5);
    return {{able, "search", able ? "SQLite has FTS5" : "this SQLite has no FTS5",
             "use a libsqlite3 with FTS5, as that of Debian, or unset SEARCH"}};
  } catch (const soci::soci_error&) {
    return {}; // the check of the database tells why
  }
}

} // namespace hubbub
