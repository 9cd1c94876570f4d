// The JSON values for programs: the member `data` of a frame, as bytes.
// Knows: the grammar of JSON. Must not know: the other members of a frame, limits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub::wire {

/// Returns whether the whole text is one JSON value by RFC 8259, without white space around it.
/// Escapes may name halves of surrogate pairs, and numbers may have any size. The text may be any
/// bytes. Takes time and memory in proportion to the text, however deeply the value is nested.
bool is_json_value(std::string_view text);

/// A frame whose parts for programs are cut out.
struct split_frame {
  std::string rest; ///< The frame with `null` in the place of each value of `data`.
  /// The last value of `data`, byte for byte and without white space around it. Points into the
  /// frame. Empty: the frame has no `data`.
  std::string_view data;
};

/// A longer frame holds mostly data, and is always split.
inline constexpr std::size_t max_unsplit_frame = 16 * 1024;

/// Cuts the member `data` out of the object that the frame is, however its name is escaped. In a
/// frame over `max_unsplit_frame`, every other array or object of the outermost object becomes
/// empty, because no field is one: a library would take a hundred times the bytes for them. Returns
/// nothing if one of the values that are cut out is no JSON. The frame may be any bytes. If the
/// frame is no JSON object, neither is `rest`.
std::optional<split_frame> split_data(std::string_view frame);

/// Returns whether `split_data` may change the frame. Costs little: most frames have no data.
bool needs_split(std::string_view frame);

} // namespace hubbub::wire
