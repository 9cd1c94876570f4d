// The prepared statements of one session, and the buffers that are bound to them.
// Knows: how SOCI binds values. Must not know: the purpose of a batch or a page.
#pragma once

#include "storage/dialect.hpp"
#include "storage/log_lineage.hpp"
#include "storage/message.hpp"

#include <soci/soci.h>

#include <string_view>
#include <vector>

namespace hubbub {

/// The state of the log's table when a session inspected it.
struct log_table {
  std::string log;       ///< The identity of the log.
  long long id = 0;      ///< Identifies the table; 0 if there is no table.
  int interferes = 0;    ///< See dialect::interferes.
  int may_interfere = 0; ///< See dialect::may_interfere.
  std::string forks;     ///< The record of forks.
  std::string timeline;  ///< Of the server, or empty.
  row_id id_floor = 0;   ///< Over 0: the insert itself gives ids, and they are over this one.

  bool operator==(const log_table&) const = default;
};

/// What a session has found.
struct inspected_log {
  log_table table;
  server_timeline server;
  bool has_seen_row = true;
  bool damaged = false; ///< The record of forks cannot be read.
};

/// The statements of one session.
///
/// Lifetime: the session and the dialect outlive the object. After an error that ends the session
/// the statements are destroyed first, because SOCI crashes when it reconnects a session that has
/// statements.
class statements {
public:
  /// With `named`, the server keeps the prepared statements for this session. Behind a pooler
  /// `named` must be false, because another server process may run the next statement.
  statements(soci::session& sql, const dialect& texts, const log_table& table, bool named);
  statements(const statements&) = delete;
  statements& operator=(const statements&) = delete;

  /// Reads the present state of the log's table, and whether the row `seen` is there. The server is
  /// asked for its timeline only with `tells_timeline`.
  static inspected_log inspect(soci::session& sql, const dialect& texts, const seen_row& seen,
                               bool tells_timeline);

  /// Returns whether the log has lost no row and has no new fork; see dialect::on_branch. `insert`
  /// checks it by itself.
  bool is_on_branch(const seen_row& seen);

  /// Runs statements in their order and ignores their results.
  static void execute_all(soci::session& sql, const std::vector<std::string>& texts);

  /// Stores the batch `rows`, in the format that `dialect` describes, and returns the ids in the
  /// order of the rows. Returns nothing, and has stored nothing, if the table is no longer in the
  /// state that was given to the constructor, or the row `seen` is missing.
  std::vector<row_id> insert(std::string rows, std::size_t count, std::string now,
                             const seen_row& seen);

  /// Stores a batch in a table with triggers, rules or policies of others, inside a transaction of
  /// the caller. Returns the rows as they are stored, in any order. There may be fewer than given.
  std::vector<message> insert_verified(std::string rows, std::size_t count, std::string now);

  /// In the place of data that is longer than the batch of `with_keys` says. It is no JSON.
  static constexpr std::string_view other_data = " ";

  /// Returns the stored rows that have the keys, or the connections and numbers, of a batch. A row
  /// whose key the batch has several times is returned as often. So all data together is not longer
  /// than the batch says.
  std::vector<message> with_keys(std::string rows, std::size_t count);
  std::vector<message> with_numbers(std::string rows, std::size_t count);

  std::vector<message> after(row_id cursor, row_id last, int limit);
  std::vector<message> after(const std::string& room, row_id cursor, int limit);
  std::vector<message> before(const std::string& room, row_id bound, int limit); ///< Newest first.

  /// Returns the newest rows of each of `count` rooms, which `rooms` names as a JSON array.
  std::vector<message> newest(std::string rooms, std::size_t count, row_id bound, int limit);

private:
  template<class... Uses>
  soci::statement select(soci::session& sql, const std::string& text, Uses... uses);
  soci::statement insertion(soci::session& sql, const log_table& table);
  std::string on_branch(const log_table& table) const;
  void bind(const seen_row& seen);
  std::vector<message> fetch(soci::statement& statement, std::size_t at_most);
  std::vector<message> page(soci::statement& statement, const std::string& room, row_id cursor,
                            int limit);

  soci::session& sql_;
  const dialect& dialect_;
  const soci::details::statement_type type_;
  const std::string on_branch_; ///< The text of the expression for this table.

  // The statements are bound to the addresses of these members.
  std::string rows_, now_, room_, rooms_parameter_;
  long long cursor_ = 0, last_ = 0, seen_ = 0;
  std::string seen_author_;
  int seen_number_ = 0;
  int limit_ = 0;
  std::vector<long long> ids_{0};
  std::vector<std::string> rooms_{""}, texts_{""}, connections_{""}, times_{""}, keys_{""},
      names_{""}, persons_{""}, data_{""};
  std::vector<int> numbers_{0};

  soci::statement insert_, find_keys_, find_numbers_, after_, after_in_room_, before_in_room_,
      newest_in_rooms_;
};

} // namespace hubbub
