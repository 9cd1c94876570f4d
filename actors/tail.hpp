// The newest messages of one room, encoded once: what the sinks were sent, kept for those who come.
// Knows: which ids it covers. Must not know: who reads it, or where older rows are.
#pragma once

#include "actors/memory_budget.hpp"
#include "actors/session_sink.hpp"

#include <boost/container/deque.hpp>
#include <span>
#include <vector>

namespace hubbub {

/// Frames of one room in one buffer, and where each begins.
struct encoded {
  struct mark {
    row_id id;
    std::uint32_t frame;   ///< Offset of the frame.
    std::uint32_t payload; ///< Offset of its JSON.
  };
  chunk frames;
  std::vector<mark> marks;
};

/// Encodes rows of one room, in order, until the buffer holds `limit` bytes or more. At least one
/// row is taken; how many is the number of marks.
encoded encode(std::span<const message* const> rows, std::size_t limit);

class tail {
public:
  static constexpr std::size_t history = 50; ///< Messages that `init` shows.

  /// Covers every row of the room with an id over `floor`. Keeps `history` messages whatever they
  /// weigh, and more of them up to `budget` bytes. All that it keeps counts in the gauge.
  tail(row_id floor, std::size_t budget, memory_budget::gauge* gauge = nullptr)
      : floor_(floor), budget_(budget), gauge_(gauge) {}

  void append(encoded batch);

  /// From now on it keeps so much.
  void fit(std::size_t budget);

  row_id floor() const { return floor_; }

  /// The newest messages, oldest first, as JSON with commas between. Made at most once a batch.
  shared_bytes newest();

  struct slice {
    std::vector<shared_bytes> bytes;
    std::vector<row_id> begins; ///< The cursor before each.
    row_id last = 0;            ///< The last row in the bytes, or the cursor.
    bool complete = true;       ///< There is nothing after it.
    std::uint32_t messages = 0;
  };

  /// The frames after a cursor that is not under the floor, up to about `limit` bytes, at least
  /// one.
  slice after(row_id cursor, std::size_t limit) const;

private:
  void update_gauge() { gauge_.set(bytes_ + (newest_ ? newest_->size() : 0)); }

  row_id floor_;
  std::size_t budget_;
  gauge_share gauge_;
  std::size_t bytes_ = 0, messages_ = 0;
  boost::container::deque<encoded> batches_; ///< Of an empty room it takes no memory.
  shared_bytes newest_;
};

} // namespace hubbub
