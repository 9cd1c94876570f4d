// The outbox: messages that applications publish by SQL and that hubs move into the log.
// Knows: the contract of one move. Must not know: SQL, actors.
#pragma once

#include "storage/message.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace hubbub {

/// What one move may take.
struct outbox_limits {
  int rows = 1000;               ///< At least 1.
  std::size_t bytes = 4 << 20;   ///< Of texts and data. One row may exceed it.
  std::size_t max_data = 262144; ///< A row with more bytes of data is set aside as `too_long`.
  /// False: rows with data stay where they are, because an older hub lives.
  bool with_data = true;
  /// Not 0: the row with this id, which the log refuses, is set aside as `unstorable`.
  row_id unstorable = 0;
  /// First asks by one statement whether there are rows, for a call without a reason to expect any.
  bool expects_none = false;
};

/// What one move has done. A row that was set aside is in `hubbub_outbox_failed`.
struct outbox_progress {
  enum class status {
    done, ///< All rows that the call has read are moved, repeated or set aside.
    busy, ///< Another hub moves rows at this moment.
    /// The log refuses at least one of the `tried` rows, and nothing was changed. If no row was
    /// tried, all of them are to be set aside, and the database refuses that.
    refused,
    absent, ///< The database has no outbox, or the role of this hub may not use it; see `why`.
  };
  status state = status::done;
  std::size_t stored = 0;   ///< Rows that are messages now.
  std::size_t repeated = 0; ///< Rows that were dropped, because a message with their key and their
                            ///< content is in the log already.
  std::size_t aside = 0;    ///< Rows that were set aside.
  row_id newest = 0;        ///< The greatest id in the log of a stored row, or 0.
  bool more = false;        ///< There may be more rows.
  /// Over 0: rows of transactions that have lasted for long are looked for only after this time.
  std::chrono::milliseconds look_again{0};

  std::size_t tried = 0; ///< After `refused`: the rows that the call has tried to move.
  row_id first = 0;      ///< After `refused`: the id of the first of them in the outbox.
  bool unclear = false;  ///< After `refused`: the log itself may be the cause, see log_objection.
  std::string why = {};  ///< After `refused` and `absent`: a reason for the log of the hub.
};

} // namespace hubbub
