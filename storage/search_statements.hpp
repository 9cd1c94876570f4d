// The SQL of the full-text index `hubbub_search`, for both databases.
// Knows: the tokenizers of both databases. Must not know: when an index is made or asked.
#pragma once

#include "storage/database_url.hpp"
#include "storage/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub::search_statements {

/// One search reads this many ids at a time, from the newest to the oldest (PostgreSQL): the index
/// has one lexeme for each room and block of ids.
inline constexpr row_id block_size = row_id{1} << 16;

/// Returns a query of PostgreSQL, `tsquery`, for the rows of a room in the block that has this id.
std::string block_query(const std::string& room, row_id id);

/// Returns a query of SQLite's FTS5 for the rows of a room that have all these words.
std::string room_query(const std::string& room, const std::vector<std::string>& words);

/// Returns the statement that finds the newest :limit ids under :cursor of :room with all :words.
/// For PostgreSQL within the block :block; for SQLite :words is a query.
std::string find(database_kind kind);

/// The statement that returns the newest id under :cursor in :room, or nothing (PostgreSQL).
extern const char* const previous_id;

/// The statement that returns 1 if the index can be used, else 0. A log that does not exist has no
/// index. `exists` says the same of an index that may be unfinished.
const char* is_ready(database_kind kind);
const char* exists(database_kind kind);

/// PostgreSQL: the statement that makes the index while others write, and the one that removes it.
std::string create_index();
extern const char* const drop_index;

/// SQLite: `create_table` has the statements of one transaction that make an empty index, which
/// triggers keep up to date, and record which rows the index lacks. `drop_table` has the statements
/// that remove the index.
const std::vector<std::string>& create_table();
const std::vector<std::string>& drop_table();

/// SQLite: how many of the `all_parts` parts of the index exist: the table, its view, three
/// triggers and two rows of hubbub_meta.
extern const char* const count_parts;
inline constexpr int all_parts = 7;

/// SQLite: the last id of the next :count rows that the index lacks, or null; the statement that
/// adds the rows up to :last; the statement that records them; and the one that records that no row
/// is missing.
extern const char* const next_missing;
extern const char* const fill;
extern const char* const record_filled;
extern const char* const record_all_filled;

} // namespace hubbub::search_statements
