// Which rooms a client may enter.
// Knows: names of rooms, and patterns that stand for many of them. Must not know: tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The rooms that a token allows. It takes little more memory than its entries have bytes, because
/// every connection with a token may keep one. Threads: any; an object never changes.
class room_filter {
public:
  /// Each entry is the name of a room, or ends in `*` and allows all rooms whose names begin with
  /// the rest; `*` alone allows all rooms. An entry may be in any form of Unicode, for names are
  /// compared in normalization form C.
  explicit room_filter(const std::vector<std::string>& entries);

  /// `room`: a name in normalization form C. Takes time in the logarithm of the number of entries.
  bool allows(std::string_view room) const;

private:
  /// Different texts in ascending order, one behind the other.
  struct sorted_texts {
    std::string bytes;
    std::vector<std::uint32_t> ends; ///< The end of each text in `bytes`.

    std::string_view at(std::size_t index) const;
    void add(std::string_view text);

    /// Returns the greatest text that is not greater than this one. Returns nothing if all are
    /// greater. The result is valid until a text is added.
    std::optional<std::string_view> last_up_to(std::string_view text) const;
  };

  sorted_texts names_;
  sorted_texts beginnings_; ///< None of them begins with another one.
};

/// Null allows all rooms.
using room_filter_ptr = std::shared_ptr<const room_filter>;

inline bool allows(const room_filter_ptr& rooms, std::string_view room) {
  return !rooms || rooms->allows(room);
}

} // namespace hubbub
