// The JSON values for programs: the member `data` of a frame, as bytes.
// Knows: members of an object. Must not know: the other fields of a frame, limits.
#pragma once

#include "storage/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::wire {

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

/// Empties the data of the rows whose data is no JSON: other programs may have stored any text.
void drop_malformed_data(std::vector<message>& rows);

} // namespace hubbub::wire
