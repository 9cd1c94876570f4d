#include "net/websocket/byte_queue.hpp"

#include <algorithm>

namespace hubbub {

void byte_queue::push(item next) {
  bytes_ += next.bytes->size() - next.offset;
  messages_ += next.messages;
  if (head_ > 64 && head_ * 2 > items_.size()) {
    items_.erase(items_.begin(), items_.begin() + std::ptrdiff_t(head_));
    head_ = 0;
  }
  items_.push_back(std::move(next));
}

std::span<const iovec> byte_queue::next(std::span<iovec> into) const {
  const auto count = std::min(items_.size() - head_, into.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& each = items_[head_ + i];
    into[i] = {const_cast<char*>(each.bytes->data() + each.offset),
               each.bytes->size() - each.offset};
  }
  return into.first(count);
}

void byte_queue::wrote(std::size_t size) {
  bytes_ -= size;
  while (!empty()) {
    auto& first = items_[head_];
    const auto left = first.bytes->size() - first.offset;
    if (size < left) {
      first.offset += size;
      return;
    }
    size -= left;
    messages_ -= first.messages;
    first.written({}, first.bytes->size());
    first.bytes.reset();
    ++head_;
  }
}

std::vector<byte_queue::withdrawn> byte_queue::withdraw(std::size_t pending) {
  std::vector<withdrawn> out;
  auto kept = items_.begin() + std::ptrdiff_t(head_);
  for (auto at = kept; at != items_.end(); ++at) {
    const auto left = at->bytes->size() - at->offset;
    if (at->resume_after == no_cursor || at->offset > 0 || pending > 0) {
      pending -= std::min(pending, left);
      if (kept != at)
        *kept = std::move(*at);
      ++kept;
      continue;
    }
    auto of = std::find_if(out.begin(), out.end(), [at](const withdrawn& each) {
      return each.subscription == at->subscription;
    });
    if (of == out.end())
      of = out.insert(of, {at->subscription, at->resume_after, 0});
    of->messages += at->messages;
    bytes_ -= left;
    messages_ -= at->messages;
  }
  items_.erase(kept, items_.end());
  return out;
}

void byte_queue::fail(error_code why) {
  for (; !empty(); ++head_)
    items_[head_].written(why, 0);
  release();
  bytes_ = 0;
  messages_ = 0;
}

void byte_queue::release() {
  std::vector<item>().swap(items_);
  head_ = 0;
}

} // namespace hubbub
