// The record of the log's forks, as a text in `hubbub_meta`.
// Knows: the format of the text. Must not know: SQL, how a fork is found or made.
#pragma once

#include "storage/log.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hubbub {

/// The most forks that are recorded. The oldest is dropped for a new one.
inline constexpr std::size_t max_forks = 100;

/// The greatest id that a number of JavaScript holds.
inline constexpr row_id max_id = (row_id{1} << 53) - 1;

/// The least distance between the last id before a fork and the first id after it.
inline constexpr row_id fork_distance = row_id{1} << 32;

/// Reads `[[after,first],…]`, the oldest fork first; an empty text is no fork. Returns nothing if
/// the text is damaged: it has another form, a fork ends before it begins, `first` does not grow,
/// or an id is out of range. A text that was read has no quotation mark and no colon.
std::optional<std::vector<log_fork>> parse_forks(const std::string& record);

std::string format_forks(std::span<const log_fork> forks);

} // namespace hubbub
