// The names that people give themselves.
// Knows: Unicode, by ICU. Must not know: connections, rooms, JSON.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub {

inline constexpr std::size_t max_display_name = 40; ///< Code points.

/// Returns whether the text is a name: 1 to `max_display_name` code points of UTF-8, at least one
/// of them visible, and none a control character, a separator of lines or paragraphs, a
/// noncharacter, or a character that changes the direction of text (Bidi_Control).
///
/// White space, combining marks, format characters and the other characters of the property
/// Default_Ignorable_Code_Point are not visible on their own, and neither is U+2800.
bool is_display_name(std::string_view text);

/// What names are compared by. Two names are confusable if they are equal at the same place.
/// 0: the skeleton of UTS 39, section 4. 1: the skeleton after NFKC_Casefold, so that names which
/// differ in case or in compatibility characters, such as full-width letters, are equal. Both
/// ignore characters of Default_Ignorable_Code_Point and white space at the ends, and take a run of
/// white space for one space. The data is that of the installed ICU.
using name_skeletons = std::array<std::string, 2>;

/// Returns the skeletons of a name of any length in UTF-8. Threads: any. Throws std::runtime_error
/// if ICU fails, which it does only without memory.
name_skeletons skeletons_of(std::string_view name);

} // namespace hubbub
