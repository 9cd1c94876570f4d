// The live fan-out: the members of a room per sink, and the encoding of each message, once.
// Knows: the sinks with members in a room. Must not know: hot tails, cursors, the log.
#pragma once

#include "actors/deflater.hpp"
#include "actors/memory_budget.hpp"
#include "actors/tail.hpp"

#include <optional>
#include <span>
#include <unordered_map>

namespace hubbub {

/// The part of a room that the fan-out uses.
struct room_members {
  room_ref room = 0; ///< The number under which the sinks know the room.
  /// The number of members per sink. The sinks outlive the actor; see session_sink.
  std::unordered_map<session_sink*, std::uint32_t> sinks;

  void add(session_sink* to) { ++sinks[to]; }

  /// Does nothing if the sink has no member.
  void remove(session_sink* from) {
    if (const auto at = sinks.find(from); at != sinks.end() && --at->second == 0)
      sinks.erase(at);
  }
};

/// Encodes messages, compresses them for the sinks that deflate, and publishes them to the sinks
/// that have members in the room. Threads: may be used by one thread at a time.
class fanout {
public:
  /// `chunk_bytes`: the approximate size of a chunk, or an eighth of it while memory is short.
  fanout(std::size_t chunk_bytes, std::shared_ptr<memory_budget> memory)
      : chunk_bytes_(chunk_bytes), memory_(std::move(memory)) {}

  /// Publishes one chunk with the first of the rows, which are rows of one room in their order.
  /// Removes them from `rows` and returns their frames. `rows` must not be empty.
  encoded publish_next(const room_members& to, std::span<const message* const>& rows,
                       const batch_credit& credit);

  /// Publishes whole frames that are no messages. `head`: the last row that was published before
  /// them.
  static void announce(const room_members& to, std::string frames, row_id head);

private:
  const std::size_t chunk_bytes_;
  const std::shared_ptr<memory_budget> memory_;
  std::optional<deflater> deflate_; ///< Made for the first sink that deflates.
};

} // namespace hubbub
