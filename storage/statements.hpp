// The statements of one session, prepared once, and the columns that they fill.
// Knows: SOCI's way of binding. Must not know: what a batch or a page is for.
#pragma once

#include "storage/dialect.hpp"
#include "storage/message.hpp"

#include <soci/soci.h>

#include <vector>

namespace hubbub {

/// The table of the log, as it was when a session looked.
struct log_table {
  std::string log;    ///< The log's name.
  long long id = 0;   ///< Another one's is another; 0: there is no table.
  int interferes = 0; ///< Rows may be stored otherwise than they are given; see the dialect.
  int flagged = 0;

  bool operator==(const log_table&) const = default;
};

/// Of one session, which outlives them. After an error they are dropped with it: SOCI's own ways to
/// reconnect crash on the statements of the lost session.
class statements {
public:
  /// `named`: the database keeps them, for this session alone. Not behind a pooler, where another
  /// process may be asked to run what this one has prepared.
  statements(soci::session& sql, const dialect& say, const log_table& of, bool named);

  static log_table look(soci::session& sql, const dialect& say);

  /// Several statements, separated by `;`, none with results that matter.
  static void run(soci::session& sql, const std::string& texts);

  /// `rows` is a batch as the dialect describes it; ids in the order of the rows. None at all: the
  /// table is no longer the one that these statements are for, and nothing was stored.
  std::vector<row_id> insert(std::string rows, std::size_t count, std::string now);

  /// The same where others interfere, within a transaction: the rows as they are stored then, in
  /// any order. There may be fewer.
  std::vector<message> insert_verified(std::string rows, std::size_t count, std::string now);

  /// Rows with the keys, or with the connections and numbers, of a batch.
  std::vector<message> with_keys(std::string rows, std::size_t count);
  std::vector<message> with_numbers(std::string rows, std::size_t count);

  std::vector<message> after(row_id cursor, row_id last, int limit);
  std::vector<message> after(const std::string& room, row_id cursor, int limit);
  std::vector<message> before(const std::string& room, row_id bound, int limit); ///< Newest first.

  /// `rooms`: a JSON array of that many.
  std::vector<message> newest(std::string rooms, std::size_t count, row_id bound, int limit);

private:
  template<class... Uses>
  soci::statement select(soci::session& sql, const std::string& text, Uses... uses);
  soci::statement insertion(soci::session& sql, const log_table& of);
  std::vector<message> fetch(soci::statement& which, std::size_t at_most);
  std::vector<message> page(soci::statement& which, const std::string& room, row_id cursor,
                            int limit);

  soci::session& sql_;
  const dialect& say_;
  const soci::details::statement_type how_;

  // What statements are bound to, so they must stay where they are.
  std::string rows_, now_, room_, rooms_given_;
  long long cursor_ = 0, last_ = 0;
  int limit_ = 0;
  std::vector<long long> ids_{0};
  std::vector<std::string> rooms_{""}, texts_{""}, connections_{""}, times_{""}, keys_{""},
      names_{""};
  std::vector<int> numbers_{0};

  soci::statement insert_, with_keys_, with_numbers_, after_, after_in_room_, before_in_room_,
      newest_;
};

} // namespace hubbub
