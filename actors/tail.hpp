// The hot tail of a room: its newest messages, kept as the encoded frames that the sinks were sent.
// Knows: which ids it covers. Must not know: the readers, or where older rows are.
#pragma once

#include "actors/encoded.hpp"
#include "actors/memory_budget.hpp"

#include <boost/container/deque.hpp>
#include <span>
#include <vector>

namespace hubbub {

/// Encodes rows of one room, in their order, until the buffer holds `limit` bytes or more. Encodes
/// at least one row; the number of marks is the number of encoded rows.
encoded encode(std::span<const message* const> rows, std::size_t limit);

/// Belongs to the broadcaster.
class tail {
public:
  static constexpr std::size_t history = 50;               ///< The most messages that `init` shows.
  static constexpr std::size_t history_bytes = 512 * 1024; ///< The most bytes of their frames.

  /// Covers every row of the room with an id over `floor`. Keeps the newest `history` messages, or
  /// fewer if these take over `history_bytes`, and more messages up to `budget` bytes. The
  /// bytes count in the gauge, which outlives the tail.
  tail(row_id floor, std::size_t budget, memory_budget::gauge* gauge = nullptr)
      : floor_(floor), budget_(budget), gauge_(gauge) {}

  void append(encoded batch);

  /// Sets a new budget, and drops the oldest batches over it.
  void fit(std::size_t budget);

  row_id floor() const { return floor_; }

  /// Returns the newest `history` messages, the oldest first, as JSON with commas between them, or
  /// as many of them as take at most `history_bytes`, but at least one. Cached until the next
  /// `append`.
  shared_bytes newest();

  /// Returns what `newest` does, for an event stream as event_data_lines returns it. Cached too.
  shared_bytes newest_lines();

  struct slice {
    std::vector<shared_bytes> bytes;
    std::vector<row_id> begins; ///< For each of the bytes, the cursor before it.
    row_id last = 0;            ///< The last row in the bytes. Without bytes: the cursor.
    bool complete = true;       ///< The tail has no row after `last`.
    std::uint32_t messages = 0;
  };

  /// Returns the frames after a cursor, up to about `limit` bytes and at least one batch if
  /// there is one. The cursor must not be under the floor. They are shared with the tail unless the
  /// encoding is an event stream, for which `log` is the name of the log.
  slice after(row_id cursor, std::size_t limit, encoding how = encoding::plain,
              std::string_view log = {}) const;

  /// Returns how many messages are after a cursor, which must not be under the floor.
  std::size_t count_after(row_id cursor) const;

private:
  std::size_t older_than_history() const;
  void update_gauge();

  row_id floor_;
  std::size_t budget_;
  gauge_share gauge_;
  std::size_t bytes_ = 0, messages_ = 0;
  boost::container::deque<encoded> batches_; ///< Allocates nothing while it is empty.
  shared_bytes newest_;                      ///< The cached result of `newest`, or null.
  shared_bytes newest_lines_;                ///< That of `newest_lines`. May be the same bytes.
};

} // namespace hubbub
