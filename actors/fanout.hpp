// The live fan-out: the members of a room per sink, and the encoding of each message, once.
// Knows: the sinks with members in a room, and their encodings. Must not know: hot tails, cursors,
// the log.
#pragma once

#include "actors/deflater.hpp"
#include "actors/event_stream.hpp"
#include "actors/memory_budget.hpp"
#include "actors/tail.hpp"

#include <optional>
#include <span>
#include <vector>

namespace hubbub {

/// The part of a room that the fan-out uses.
struct room_members {
  /// Members of the room with one encoding at one sink.
  struct outlet {
    session_sink* sink; ///< Outlives the actor; see session_sink.
    encoding how;
    std::uint32_t members;
  };

  room_ref room = 0;           ///< The number under which the sinks know the room.
  std::vector<outlet> outlets; ///< Each has a member. There are at most four for each sink.

  void add(session_sink* to, encoding how);

  /// Returns false if there is no such member.
  bool remove(session_sink* from, encoding how);
};

/// Encodes messages, once in each encoding that a member of the room has, and publishes them to the
/// sinks that have members in the room. Threads: may be used by one thread at a time.
class fanout {
public:
  /// `chunk_bytes`: the approximate size of a chunk, or an eighth of it while memory is short.
  fanout(std::size_t chunk_bytes, std::shared_ptr<memory_budget> memory)
      : chunk_bytes_(chunk_bytes), memory_(std::move(memory)) {}

  /// Publishes one chunk with the first of the rows, which are rows of one room in their order.
  /// Removes them from `rows` and returns their frames. `rows` must not be empty. `log` is the name
  /// of the log.
  encoded publish_next(const room_members& to, std::span<const message* const>& rows,
                       const batch_credit& credit, std::string_view log = {});

  /// Publishes events that are no messages. `head`: the last row that was published before them.
  static void announce(const room_members& to, std::span<const room_event> events, row_id head);

private:
  const std::size_t chunk_bytes_;
  const std::shared_ptr<memory_budget> memory_;
  std::optional<deflater> deflate_; ///< Made for the first member that takes compressed frames.
};

} // namespace hubbub
