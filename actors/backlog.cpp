#include "actors/backlog.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

void backlog::push(pending_draft next) {
  auto& queue = queues_[next.sender.quota.get()].drafts;
  if (queue.empty())
    turn_order_.push_back(next.sender.quota.get());
  queue.push_back(std::move(next));
  ++size_;
}

void backlog::put_back(pending_draft last) {
  returned_.push_front(std::move(last));
  ++size_;
}

std::vector<pending_draft> backlog::take(const limits& most) {
  std::vector<pending_draft> out;
  std::size_t bytes = 0;
  bool full = false;
  ++batches_;
  // Moves a draft or a unit, or finds that the batch is full. Returns how many drafts it has moved.
  const auto move_from = [&](std::deque<pending_draft>& queue) {
    const auto count = std::min(unit_size(queue.front().content), queue.size());
    full = bytes >= most.bytes || (!out.empty() && out.size() + count > most.rows);
    if (full)
      return std::size_t{0};
    for (std::size_t i = 0; i < count; ++i) {
      bytes += std::size_t(weight(queue.front().content));
      out.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    size_ -= count;
    return count;
  };
  while (!returned_.empty() && !full)
    move_from(returned_);
  for (std::size_t round = 0; round < most.rows_per_quota && !turn_order_.empty() && !full; ++round)
    for (auto turn = turn_order_.size(); turn > 0 && !full; --turn) {
      const auto quota = turn_order_.front();
      const auto queue = queues_.find(quota);
      auto& [drafts, batch, taken] = queue->second;
      if (std::exchange(batch, batches_) != batches_)
        taken = 0;
      if (taken <= round)
        taken += move_from(drafts);
      if (full)
        break; // the turn is not over
      turn_order_.pop_front();
      if (drafts.empty())
        queues_.erase(queue);
      else
        turn_order_.push_back(quota);
    }
  return out;
}

} // namespace hubbub
