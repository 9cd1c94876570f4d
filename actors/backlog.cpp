#include "actors/backlog.hpp"

namespace hubbub {

void backlog::push(pending_draft next) {
  auto& line = queues_[next.from.quota.get()];
  if (line.empty())
    turn_order_.push_back(next.from.quota.get());
  line.push_back(std::move(next));
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
  const auto move_from = [&](std::deque<pending_draft>& line) {
    bytes += std::size_t(weight(line.front().what));
    out.push_back(std::move(line.front()));
    line.pop_front();
    --size_;
  };
  while (!returned_.empty() && !full())
    move_from(returned_);
  for (std::size_t round = 0; round < most.of_one_quota && !turn_order_.empty(); ++round)
    for (auto turn = turn_order_.size(); turn > 0 && !full(); --turn) {
      const auto whose = turn_order_.front();
      turn_order_.pop_front();
      const auto line = queues_.find(whose);
      move_from(line->second);
      if (line->second.empty())
        queues_.erase(line);
      else
        turn_order_.push_back(whose);
    }
  return out;
}

} // namespace hubbub
