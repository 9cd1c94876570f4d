// The search for the draft with which a database refuses a unit.
// Knows: the errors of an append. Must not know: databases.
#pragma once

#include "storage/log.hpp"

#include <chrono>
#include <optional>

namespace hubbub {

/// The time in which the search begins its tries.
constexpr std::chrono::seconds refused_search_time{1};

/// Returns the index of the first draft with which the unit is refused, by binary search over its
/// beginnings. `try_to_store` is given a beginning of a copy of the unit, and must leave nothing
/// stored. The unit as a whole is known to be refused, so a unit of one draft takes no try. Returns
/// nothing if a try is too slow, or if another one would have to begin at `end` or later.
template<class Try>
std::optional<std::size_t>
first_refused(std::span<const draft> unit, Try try_to_store,
              std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() +
                                                          refused_search_time) {
  std::vector<draft> copies(unit.begin(), unit.end()); // the unit keeps the numbers of its last try
  const auto is_refused = [&](std::size_t size) {
    try {
      try_to_store(std::span(copies).first(size));
      return false;
    } catch (const log_refusal&) {
      return true;
    } catch (const log_objection&) {
      return true;
    }
  };
  std::size_t stored = 0, refused = unit.size(); // beginnings of these sizes are
  while (refused - stored > 1) {
    if (std::chrono::steady_clock::now() >= end)
      return {};
    const auto middle = stored + (refused - stored) / 2;
    try {
      (is_refused(middle) ? refused : stored) = middle;
    } catch (const log_too_slow&) {
      return {};
    }
  }
  return stored;
}

} // namespace hubbub
