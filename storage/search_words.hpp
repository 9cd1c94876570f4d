// The words of a search.
// Knows: which characters make a word. Must not know: databases, requests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The most code points of a search.
inline constexpr std::size_t max_search_size = 200;

/// Returns the words of a text in their order, as they are written. A word is a run of letters,
/// digits and marks (the categories L, N, M and Co of Unicode) with at least one that is no mark;
/// every other character ends it. Returns nothing for a text that is not UTF-8.
std::vector<std::string> split_words(std::string_view text);

/// Returns whether a text has more than max_search_size code points.
bool is_long_search(std::string_view text);

} // namespace hubbub
