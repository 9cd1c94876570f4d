#include "tests/torture/client_record.hpp"

namespace torture {

void reading::forget(const log_fork& lost) {
  const bool lowers = lost.covers(cursor());
  const auto from = std::upper_bound(ids.begin(), ids.end(), lost.after);
  const auto to = std::lower_bound(from, ids.end(), lost.first);
  const auto kept = static_cast<std::size_t>(from - ids.begin());
  if (from != to) {
    forgotten = true;
    history = std::min(history, kept);
    for (auto& position : resumed)
      position = std::min(position, kept);
    ids.erase(from, to);
  }
  if (after && lost.covers(*after))
    after = lost.after;
  if (ids.empty() && forgotten && !after)
    after = lost.after;
  if (lowers)
    lowered = lost.after;
}

} // namespace torture
