// Arithmetic with the forks of a log: what a position means after rows were lost.
// Knows: ids and forks. Must not know: how a fork is found, and to which client it is told.
#pragma once

#include "storage/log.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hubbub {

/// Returns all forks with a `first` over `id` as one: with the least `after` and the greatest
/// `first`. Returns nothing if there is none. `id` is a cursor.
std::optional<log_fork> forks_over(std::span<const log_fork> forks, row_id id);

/// Returns the greatest `first`, or 0 without forks. The oldest fork comes first.
row_id newest_first(std::span<const log_fork> forks);

/// Returns the forks of `now` that are not in `known`.
std::vector<log_fork> new_forks(std::span<const log_fork> now, std::span<const log_fork> known);

/// Returns up to which id the rows up to `position` are still in the log after these forks, which
/// were made after the row at `position` was stored, or before. The oldest fork comes first. A row
/// with an id from `first` on is on the surviving branch.
row_id surviving_position(std::span<const log_fork> forks, row_id position);

/// Returns how many ids are over `from` and up to `to`, without those that the forks have skipped.
std::uint64_t ids_between(std::span<const log_fork> forks, row_id from, row_id to);

} // namespace hubbub
