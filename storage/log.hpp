// The port to the durable log: what the hub asks of a database, and what it may rely on.
// Knows: the contract. Must not know: which database stands behind it.
#pragma once

#include "storage/message.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace hubbub {

/// The result of an append for one draft.
struct receipt {
  row_id id = 0;           ///< Of the stored row.
  std::int32_t number = 0; ///< The number of the row among the messages of its author.
  uuid author_id{};        ///< The author of the row: for a repeated key, the first who used it.
  bool found = false; ///< The row was in the log already: its key was repeated, or the answer to
                      ///< the commit that stored it was lost.
};

struct appended {
  instant created_at{};          ///< Of every row that was inserted.
  std::vector<receipt> receipts; ///< One a draft, in the order of the drafts.
  /// One a draft, as it is stored, where the database may change what it is given; without meaning
  /// for drafts that were found. Else empty: rows are stored as the drafts say.
  std::vector<message> rows = {};
};

/// The database cannot be reached or did not answer as it should. Whether the last append is stored
/// is open until it is tried again.
struct log_unavailable : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Nobody has made the tables yet. At the first start that is no trouble: the log makes them.
struct log_not_created : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// A call was cut because this hub ends it; no fault of the database's.
struct log_shutdown : log_unavailable {
  log_shutdown() : log_unavailable("this hub ends") {}
};

/// The database answered, and where `open` found a log, there is none now, or another one: it has
/// to be opened anew.
struct log_replaced : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The file of the log is not where it was. `what()` names no folder and may be told to anybody.
struct log_file_lost : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The database answered, and stored nothing of the batch. It is not clear whether one of the
/// drafts is to blame, or the log itself. Thrown by append alone.
struct log_objection : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The database ended an append that took too long, and stored nothing of it. Fewer drafts may be
/// quick enough.
struct log_too_slow : log_unavailable {
  using log_unavailable::log_unavailable;
};

/// The database answered, and will not take what it was given. Nothing of it was stored.
struct log_refusal : std::runtime_error {
  using runtime_error::runtime_error;
};

/// As a last id: whatever there is.
inline constexpr row_id no_end = std::numeric_limits<row_id>::max();

/// One ordered, durable sequence of messages.
///
/// Order: ids grow in commit order over all processes that write; after a row is seen, no smaller
/// id will ever appear. Durability: what append returned survives the death of this process and of
/// the database's. Threads: an object is used by one thread at a time; every call may block for as
/// long as the database does. Failure: every call may throw log_unavailable, after which the object
/// is good for another try; it reconnects by itself.
class log {
public:
  virtual ~log() = default;

  /// Makes the tables what they must be, once, and takes over those of the old chat. Returns the
  /// identity of this log: another one means other ids.
  virtual std::string open() = 0;

  /// Stores the drafts in one transaction, in their order, each numbered after the last stored one
  /// of its author. A key that is in the log already, or twice in the batch, stores nothing and
  /// yields the first one's receipt. After log_unavailable the same drafts, in the same order, must
  /// be given first in the next call: those that the lost try stored are found and not stored
  /// twice. Throws log_refusal if the database cannot take one of them, and log_objection if it may
  /// be so; if it is so, every try will throw, and `check` will not.
  virtual appended append(std::span<draft> drafts) = 0;

  /// The oldest `limit` rows of all rooms with ids over `cursor` and up to `last`, oldest first.
  virtual std::vector<message> after(row_id cursor, row_id last, int limit) = 0;

  /// The oldest `limit` rows of a room with ids over `cursor`, oldest first.
  virtual std::vector<message> after(const std::string& room, row_id cursor, int limit) = 0;

  /// The newest `limit` rows of a room with ids under `bound`, oldest first.
  virtual std::vector<message> before(const std::string& room, row_id bound, int limit) = 0;

  /// The newest `limit` rows of each of these rooms with ids under `bound`, oldest first. One
  /// question to the database, however many rooms.
  virtual std::vector<message> newest(const std::vector<std::string>& rooms, row_id bound,
                                      int limit) = 0;

  /// The greatest id, 0 for an empty log.
  virtual row_id newest_id() = 0;

  /// Returns if an append would find nothing in its way but the rows themselves, and rows can be
  /// read: who holds a lock of the log or of its table is waited for. Leaves no row, and takes no
  /// id.
  virtual void check() = 0;

  /// Returns if this is still the log that was opened, which costs the database next to nothing.
  /// Throws log_replaced if it is not. So do all other calls, on a connection that is new.
  virtual void verify() = 0;

  /// Makes a call that waits for the network fail soon, as log_unavailable. From any thread.
  virtual void interrupt() = 0;
};

/// Makes a log of its own for whoever needs one on its thread. Never throws for a database that is
/// away: the connection is made by the first call.
using log_factory = std::function<std::unique_ptr<log>()>;

} // namespace hubbub
