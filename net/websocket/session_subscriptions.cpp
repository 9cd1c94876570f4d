#include "net/websocket/session_subscriptions.hpp"

#include <algorithm>

namespace hubbub {

namespace {

/// A delivery up to this size is small: after each, twice as many may be requested at once. After a
/// larger one, one is requested at a time.
constexpr std::size_t small_delivery = 8192;
constexpr int max_requested = 4;

std::size_t bytes_of(const delivery& what) {
  std::size_t out = 0;
  for (const auto& each : what.bytes)
    out += each->size();
  return out;
}

} // namespace

void session_subscriptions::add(subscription_ref number, subscription::phase now) {
  auto& s = *all_.emplace_back(std::make_unique<subscription>());
  s.session = &owner_;
  s.number = number;
  if (now == subscription::phase::queued)
    queue(s);
  else
    ++requested_new_;
  s.now = now;
  if (all_.size() == 2) // the only one was written to directly until now
    session_fanout::set_direct(*all_.front(), false);
}

subscription* session_subscriptions::find(subscription_ref number) const {
  const auto at = std::lower_bound(
      all_.begin(), all_.end(), number,
      [](const auto& each, subscription_ref wanted) { return each->number < wanted; });
  return at != all_.end() && (*at)->number == number ? at->get() : nullptr;
}

void session_subscriptions::remove(subscription& s) {
  if (s.now == subscription::phase::live)
    leave(s);
  else {
    if (s.answered)
      --behind_;
    if (s.now == subscription::phase::queued)
      waiting_.erase(waiting_list::s_iterator_to(s));
    else
      --(s.answered ? requested_behind_ : requested_new_);
  }
  all_.erase(
      std::find_if(all_.begin(), all_.end(), [&s](const auto& each) { return each.get() == &s; }));
  set_busy(owner_.busy);
}

void session_subscriptions::delivered(subscription& s, room_ref room, const delivery& what) {
  --(s.answered ? requested_behind_ : requested_new_);
  const bool small = bytes_of(what) <= small_delivery;
  most_requested_ = std::uint8_t(small ? std::min(2 * most_requested_, max_requested) : 1);
  if (s.answered)
    --behind_;
  s.answered = true;
  s.cursor = what.cursor;
  s.known_fork = what.known_fork;
  sent_ += what.messages;
  if (!what.live) {
    ++behind_;
    queue(s);
    return;
  }
  s.now = subscription::phase::live;
  fanout_.join({room, encoding_}, s);
  set_busy(owner_.busy);
}

subscription* session_subscriptions::request_next(std::size_t queued, std::size_t outbox) {
  const bool may_behind = queued == 0 && requested_behind_ == 0;
  const bool may_new = queued < outbox && requested_new_ < most_requested_;
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [=](const subscription& s) {
    return s.answered ? may_behind : may_new;
  });
  if (at == waiting_.end())
    return nullptr;
  auto& next = *at;
  waiting_.erase(at);
  next.now = subscription::phase::requested;
  ++(next.answered ? requested_behind_ : requested_new_);
  return &next;
}

void session_subscriptions::fall_behind() {
  for (const auto& s : all_)
    if (s->now == subscription::phase::live) {
      s->cursor = fanout_.sent_up_to(*s);
      leave(*s);
      ++behind_;
      queue(*s);
    }
}

void session_subscriptions::leave_all() {
  for (const auto& s : all_)
    leave(*s);
  waiting_.clear();
  all_.clear();
  requested_new_ = requested_behind_ = behind_ = 0;
}

void session_subscriptions::withdrawn(const byte_queue::withdrawn& what) {
  sent_ -= what.messages;
  if (auto* const s = find(what.subscription))
    s->cursor = what.resume_after;
}

void session_subscriptions::set_busy(bool busy) {
  owner_.busy = busy;
  if (all_.size() == 1)
    session_fanout::set_direct(*all_.front(), !busy);
}

row_id session_subscriptions::least_cursor() const {
  auto out = no_end;
  for (const auto& s : all_)
    if (s->answered && s->now != subscription::phase::live)
      out = std::min(out, s->cursor);
  return out;
}

std::uint64_t session_subscriptions::sent() const {
  auto out = sent_;
  for (const auto& s : all_)
    out += session_fanout::sent_since_join(*s);
  return out;
}

void session_subscriptions::queue(subscription& s) {
  s.now = subscription::phase::queued;
  waiting_.push_back(s);
}

void session_subscriptions::leave(subscription& s) {
  sent_ += session_fanout::sent_since_join(s);
  fanout_.leave(s);
}

} // namespace hubbub
