// Messages that are encoded as WebSocket frames, from which every other encoding is made.
// Knows: where each frame begins. Must not know: the readers, JSON.
#pragma once

#include "actors/session_sink.hpp"

#include <vector>

namespace hubbub {

/// Frames of one room in one buffer, and the offset of each.
struct encoded {
  struct mark {
    row_id id;
    std::uint32_t frame;   ///< Offset of the frame.
    std::uint32_t payload; ///< Offset of its JSON.
  };
  chunk frames;
  std::vector<mark> marks;
};

} // namespace hubbub
