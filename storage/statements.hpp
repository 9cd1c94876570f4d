// The statements of one session, prepared once, and the columns that they fill.
// Knows: SOCI's way of binding. Must not know: what a batch or a page is for.
#pragma once

#include "storage/dialect.hpp"
#include "storage/message.hpp"

#include <soci/soci.h>

#include <vector>

namespace hubbub {

/// Of one session, which outlives them. After an error they are dropped with it: SOCI's own ways to
/// reconnect crash on the statements of the lost session.
class statements {
public:
  /// `named`: the database keeps them, for this session alone. Not behind a pooler, where another
  /// process may be asked to run what this one has prepared.
  statements(soci::session& sql, const dialect& say, bool named);

  /// Several statements, separated by `;`, none with results that matter.
  static void run(soci::session& sql, const std::string& texts);

  /// `rows` is a batch as the dialect describes it; ids in the order of the rows.
  std::vector<row_id> insert(std::string rows, std::size_t count, std::string now);

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
  std::vector<message> fetch(soci::statement& which, std::size_t at_most);
  std::vector<message> page(soci::statement& which, const std::string& room, row_id cursor,
                            int limit);

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
