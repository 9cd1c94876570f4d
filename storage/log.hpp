// The port to the durable log: the calls of the hub and the promises of the log.
// Knows: the contract. Must not know: the database behind it.
#pragma once

#include "storage/log_page.hpp"
#include "storage/message.hpp"
#include "storage/outbox.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace hubbub {

/// What an append has done with a draft.
enum class append_result : std::uint8_t {
  stored, ///< The draft is a new row.
  /// The row was there already: its key was repeated, or the answer to the commit that stored it
  /// was lost.
  found,
  /// The key of the draft is that of another message. Nothing is stored.
  key_conflict,
  /// Another draft of its unit is a key_conflict. Nothing of the unit is stored.
  unit_conflict,
};

/// The result of an append for one draft. After a conflict only `result` is set.
struct receipt {
  row_id id = 0;           ///< Of the stored row.
  std::int32_t number = 0; ///< The number of the row among the messages of its author.
  uuid author_id{};        ///< Of the row. For a repeated key, the author of its first row.
  append_result result = append_result::stored;
  instant created_at{};  ///< Of the row.
  std::string room = {}; ///< Of the row, if it may differ from that of the draft. Else empty.
};

struct appended {
  instant created_at{};          ///< The time of all rows that this append has inserted.
  std::vector<receipt> receipts; ///< One for each draft, in the order of the drafts.
  /// One row for each draft, as it is stored, if a trigger or a rule may change rows. The row of a
  /// draft that was not stored has no meaning. Otherwise empty: the rows are stored as the drafts
  /// say.
  std::vector<message> rows = {};
};

/// Advances the counters of the authors to the numbers of their rows. To be called after each
/// successful append. The receipt of a repeated key of another author changes nothing. A lost
/// answer brings no receipts: the next append finds the rows.
inline void advance_numbers(std::span<const draft> drafts, std::span<const receipt> receipts) {
  for (std::size_t i = 0; i < drafts.size(); ++i)
    if (auto& from = *drafts[i].from; receipts[i].author_id == from.id)
      from.last_number = std::max(from.last_number, receipts[i].number);
}

/// A place where the log has lost rows: the ids over `after` and under `first` belong to no row, or
/// belonged to rows that are lost. No id in between is given again.
struct log_fork {
  row_id after = 0; ///< The greatest id that survived.
  row_id first = 0; ///< Where ids go on.

  bool operator==(const log_fork&) const = default;
};

/// What `log::open` has found.
struct opened_log {
  std::string identity;        ///< A log with another identity has other ids.
  row_id newest = 0;           ///< As `log::newest_id` returns it.
  std::vector<log_fork> forks; ///< The known forks, the oldest first.
  /// A sentence for the operator, if the log had to get another identity or the role of the hub
  /// lacks a right.
  std::string notice = {};
  bool older_hub_lives = false; ///< A hub of an older version works on the database.
};

/// The database cannot be reached, or has not answered as it should. The next append finds out
/// whether the last one was stored.
struct log_unavailable : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The tables do not exist yet. This is normal before the first start, which creates them.
struct log_not_created : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// A call was cut short because this hub shuts down. The database has not failed.
struct log_shutdown : log_unavailable {
  log_shutdown() : log_unavailable("this hub ends") {}
};

/// The database has answered, but the log that `open` found is gone, or another log is in its
/// place. The log must be opened again.
struct log_replaced : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The log has lost rows, or a fork was recorded since `open`. The log must be opened again.
struct log_forked : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The file of the log was moved, deleted or replaced. `what()` names no folder, so everybody may
/// read it.
struct log_file_lost : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The messages cannot be searched now, although they can be read. Only `search` throws it.
struct search_failed : log_unavailable {
  explicit search_failed(const char* why, bool index_is_missing = false)
      : log_unavailable(why), index_missing(index_is_missing) {}
  const bool index_missing; ///< There is no index, or it is not complete.
};

/// The database has answered and has stored nothing of the batch, and it is unclear whether one of
/// the drafts or the log itself is the cause. Only `append` throws it.
struct log_objection : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The database has ended an append that took too long, and has stored nothing of it. A smaller
/// batch may succeed. Only `append` throws it.
struct log_too_slow : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The database has answered and refuses one of the drafts. Nothing of the batch was stored.
struct log_refusal : std::runtime_error {
  using runtime_error::runtime_error;
};

/// An upper bound of ids that excludes no row.
inline constexpr row_id no_end = std::numeric_limits<row_id>::max();

/// One ordered, durable sequence of messages.
///
/// Order: ids grow in commit order over all processes that write. After a row was read, no smaller
/// id appears.
/// Durability: the rows that `append` has returned survive a crash of this process and of the
/// database.
/// Threads: one thread at a time uses an object, except for `interrupt`. Every call may block for
/// as long as the database does.
/// Errors: every call may throw log_unavailable. The object reconnects by itself in the next call.
class log {
public:
  virtual ~log() = default;

  /// Creates the tables if they are missing, migrates those of the old chat, and compares the log
  /// with what this hub has seen of it. If rows are lost, `open` records a fork, after which no id
  /// that this hub has seen is given again. If it is unclear which rows survived, the log gets
  /// another identity.
  virtual opened_log open() = 0;

  /// Stores the drafts in one transaction and in their order. Each row is numbered after the last
  /// row of its author; see author::last_number, which this function does not change.
  ///
  /// A draft whose key is in the log already, or earlier in the batch, is not stored. If it has the
  /// room, the text and the data of that row, byte for byte, its receipt is that of the row. Else
  /// the receipt is a key_conflict, and the draft takes no number. The profile of the author does
  /// not count. Where a trigger or a rule may change rows, nothing is compared, and the draft is
  /// found; so is a draft that an append without an answer has stored.
  ///
  /// A unit (author::unit) with a conflict is not stored at all: the draft that has the conflict is
  /// a key_conflict, and the others are unit_conflicts.
  ///
  /// After log_unavailable the next call must begin with the same drafts in the same order, so that
  /// rows that the failed call has stored are found. Throws log_refusal if the database can never
  /// store one of the drafts. Throws log_objection if it is unclear whether a draft or the log is
  /// the cause. If a draft is the cause, every further call with it throws, and `check` does not.
  virtual appended append(std::span<draft> drafts) = 0;

  /// Returns the index of the first draft with which the database refuses a unit that `append` has
  /// refused or objected to: it would store the drafts before it. Stores nothing, but may take ids.
  /// Tries at most ten beginnings of a unit of 1000 drafts, and begins no try after a second.
  /// Returns nothing if that is too short. If the cause is not one of the drafts, the result has no
  /// meaning.
  virtual std::optional<std::size_t> find_refused(std::span<const draft> unit) = 0;

  /// Returns the oldest rows of all rooms with ids above `cursor` and up to `last`, oldest first.
  virtual log_page after(row_id cursor, row_id last, page_limit most) = 0;

  /// Returns the oldest rows of a room with ids above `cursor`, oldest first.
  virtual log_page after(const std::string& room, row_id cursor, page_limit most) = 0;

  /// Returns the newest rows of a room with ids below `bound`, oldest first. A page that has ended
  /// early lacks the oldest ones.
  virtual log_page before(const std::string& room, row_id bound, page_limit most) = 0;

  /// Returns a cursor: `after` returns from it on the rows of a room whose times are `at` or later.
  /// Reads at most 64 rows. Where a clock was corrected, so that times do not grow with ids, the
  /// first row after the cursor is at or after `at` and the row before it is not, but there may be
  /// more than one such place.
  virtual row_id cursor_at(const std::string& room, instant at) = 0;

  /// Returns the newest rows of a room that have all words of `text` and ids below `bound`, oldest
  /// first; see split_words. Upper and lower case are the same. A page that has ended early lacks
  /// the oldest ones. Needs the index that search_index makes, and throws search_failed without it.
  /// Ends within a few seconds, if necessary with search_failed.
  virtual log_page search(const std::string& room, const std::string& text, row_id bound,
                          page_limit most) = 0;

  /// Returns for each of these rooms what `before` returns. Leaves out the rooms behind the one
  /// with which the pages have `total_bytes` bytes, so there may be fewer pages than rooms, but
  /// there is at least one. For PostgreSQL it sends one statement, and one more if some of the rows
  /// have long data, whatever the number of rooms.
  virtual std::vector<log_page>
  newest(const std::vector<std::string>& rooms, row_id bound, page_limit most,
         std::size_t total_bytes = std::numeric_limits<std::size_t>::max()) = 0;

  /// Returns how many rows of a room have ids above `cursor` and up to `last`, but not more than
  /// `most`.
  virtual std::int64_t count(const std::string& room, row_id cursor, row_id last,
                             std::int64_t most) = 0;

  /// Returns the greatest id that was given or that a fork has skipped, or 0 for an empty log.
  virtual row_id newest_id() = 0;

  /// Returns normally if an append could succeed, apart from its rows, and rows can be read, else
  /// throws. Waits for locks of the log and its table, as an append does. Leaves no row and takes
  /// no id.
  virtual void check() = 0;

  /// Returns normally if this is still the log that was opened, else throws log_replaced or
  /// log_forked. Costs the database almost nothing. All other calls throw them too, if they have
  /// made a new connection. `append` notices a fork before it gives an id, except
  /// one that is recorded while it waits for the append lock: then it throws log_forked after it
  /// has stored the drafts behind the fork, and the next append finds them.
  virtual void verify() = 0;

  /// Moves rows of the outbox into the log, in one transaction. Each row is moved once, whatever
  /// fails. Does nothing for SQLite. May only be called after `open` of this log or of another one
  /// with its lineage.
  virtual outbox_progress move_outbox(const outbox_limits& /*most*/) {
    return {.state = outbox_progress::status::absent};
  }

  /// Makes a call that waits for the network fail soon with log_unavailable. Any thread may call
  /// it.
  virtual void interrupt() = 0;
};

/// Makes a new log object, for use on one thread. Does not throw if the database is unavailable,
/// because the first call makes the connection.
using log_factory = std::function<std::unique_ptr<log>()>;

} // namespace hubbub
