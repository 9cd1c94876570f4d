// The search for the draft with which a database refuses a unit.
// Knows: the errors of an append. Must not know: databases.
#pragma once

#include "storage/log.hpp"

namespace hubbub {

/// Returns the index of the first draft with which the unit is refused, by binary search over its
/// beginnings. `try_to_store` is given a beginning of a copy of the unit, and must leave nothing
/// stored. The unit as a whole is known to be refused, so a unit of one draft takes no try.
template<class Try>
std::size_t first_refused(std::span<const draft> unit, Try try_to_store) {
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
    const auto middle = stored + (refused - stored) / 2;
    (is_refused(middle) ? refused : stored) = middle;
  }
  return stored;
}

} // namespace hubbub
