#include "actors/backlog.hpp"

namespace hubbub {

void backlog::push(pending_draft next) {
  auto& queue = queues_[next.sender.quota.get()];
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
  const auto full = [&] { return out.size() >= most.rows || bytes >= most.bytes; };
  const auto move_from = [&](std::deque<pending_draft>& queue) {
    bytes += std::size_t(weight(queue.front().content));
    out.push_back(std::move(queue.front()));
    queue.pop_front();
    --size_;
  };
  while (!returned_.empty() && !full())
    move_from(returned_);
  for (std::size_t round = 0; round < most.rows_per_quota && !turn_order_.empty(); ++round)
    for (auto turn = turn_order_.size(); turn > 0 && !full(); --turn) {
      const auto quota = turn_order_.front();
      turn_order_.pop_front();
      const auto queue = queues_.find(quota);
      move_from(queue->second);
      if (queue->second.empty())
        queues_.erase(queue);
      else
        turn_order_.push_back(quota);
    }
  return out;
}

} // namespace hubbub
