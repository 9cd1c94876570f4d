// The drafts and units that the persistence actor does not store, and how their senders are told.
// Knows: which drafts of the batch belong together. Must not know: why the log refuses a draft.
#include "actors/persistence.hpp"

#include <algorithm>

namespace hubbub {

/// Returns whether the batch cannot be parted any further.
bool persistence_state::is_one_unit() const {
  return batch_.size() <= unit_size(batch_.front());
}

/// Removes a unit that is alone in its batch.
void persistence_state::drop_unit() {
  for (std::size_t i = 0; i < batch_.size(); ++i)
    ingress_->give(weight(batch_[i]), *senders_[i].quota);
  batch_.clear();
  senders_.clear();
}

/// Tells the sender of the draft or of the unit that begins at `first` that it is not stored. Keeps
/// the drafts in the batch, and their bytes in the ingress budget.
void persistence_state::refuse_unit(std::size_t first, refusal_code why,
                                    std::optional<std::size_t> index) {
  if (const auto& answer = senders_[first].answer)
    (*answer)(unit_outcome{log_name_, {}, why, index});
  else
    self_->send(senders_[first].connection, outcomes{{batch_[first].key, 0, 0, why}});
}

/// Refuses the drafts with data that were accepted before this hub knew of an older one, each with
/// its unit. A unit that may be stored already is not refused. The outcomes of a connection come in
/// the order of its drafts, so the batch ends before a draft that is to be refused after others.
void persistence_state::refuse_data() {
  const auto end_of_unit = [this](std::size_t first) {
    return std::min(first + unit_size(batch_[first]), batch_.size());
  };
  const auto is_refused = [&](std::size_t first) {
    const auto begin = batch_.begin() + std::ptrdiff_t(first),
               end = batch_.begin() + std::ptrdiff_t(end_of_unit(first));
    return std::any_of(begin, end, [](const draft& d) { return !d.data.empty(); }) &&
           std::all_of(begin, end, [](const draft& d) { return d.attempted_number == 0; });
  };
  std::size_t end = 0;
  for (; end < batch_.size() && is_refused(end); end = end_of_unit(end))
    refuse_unit(end, refusal_code::upgrading);
  for (std::size_t i = 0; i < end; ++i)
    ingress_->give(weight(batch_[i]), *senders_[i].quota);
  batch_.erase(batch_.begin(), batch_.begin() + std::ptrdiff_t(end));
  senders_.erase(senders_.begin(), senders_.begin() + std::ptrdiff_t(end));
  std::size_t next = 0;
  while (next < batch_.size() && !is_refused(next))
    next = end_of_unit(next);
  for (; batch_.size() > next; batch_.pop_back(), senders_.pop_back())
    backlog_.put_back({std::move(batch_.back()), std::move(senders_.back())});
}

} // namespace hubbub
