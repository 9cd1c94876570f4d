#include "actors/backlog.hpp"

namespace hubbub {

void backlog::push(pending next) {
  auto& line = lines_[next.from.of.get()];
  if (line.empty())
    turns_.push_back(next.from.of.get());
  line.push_back(std::move(next));
  ++size_;
}

void backlog::put_back(pending last) {
  again_.push_front(std::move(last));
  ++size_;
}

std::vector<pending> backlog::take(const limits& most) {
  std::vector<pending> out;
  std::size_t bytes = 0;
  const auto full = [&] { return out.size() >= most.rows || bytes >= most.bytes; };
  const auto move_from = [&](std::deque<pending>& line) {
    bytes += std::size_t(weight(line.front().what));
    out.push_back(std::move(line.front()));
    line.pop_front();
    --size_;
  };
  while (!again_.empty() && !full())
    move_from(again_);
  for (std::size_t round = 0; round < most.of_one_source && !turns_.empty(); ++round)
    for (auto turn = turns_.size(); turn > 0 && !full(); --turn) {
      const auto whose = turns_.front();
      turns_.pop_front();
      const auto line = lines_.find(whose);
      move_from(line->second);
      if (line->second.empty())
        lines_.erase(line);
      else
        turns_.push_back(whose);
    }
  return out;
}

} // namespace hubbub
