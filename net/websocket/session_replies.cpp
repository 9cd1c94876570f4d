// The part of a WebSocket session that takes the replies to its frames.
// Knows: what is settled, and the penalty of refused frames. Must not know: what it reads.
#include "net/websocket/session.hpp"

namespace hubbub {

void session::subscribe(subscription_ref of, frame_volume settled) {
  unsettled_ -= settled;
  if (!ending()) {
    push_waiting(); // what waits counts in the outbox
    subscriptions_.add(of, subscription::phase::queued);
    request_deliveries();
  }
  resume_reading();
}

void session::unsubscribe(subscription_ref of, std::string bytes, frame_volume settled) {
  unsettled_ -= settled;
  if (auto* const s = ending() ? nullptr : subscriptions_.find(of)) {
    push_waiting();
    // What is with the actors stays counted until it is answered, so that it is bounded.
    if (s->now == subscription::phase::requested)
      s->leaving = true;
    else
      end_subscription(*s);
    push_reply(std::move(bytes));
    request_deliveries();
  }
  resume_reading();
}

void session::reply(std::string bytes, frame_volume settled, std::uint32_t refused) {
  unsettled_ -= settled;
  push_reply(std::move(bytes));
  if (refused && !within_penalty(refused))
    close(boost::beast::websocket::close_code::policy_error, "too many frames were refused");
  resume_reading();
}

/// Replies come behind `init`.
void session::push_reply(std::string bytes) {
  if (replies_before_init_)
    *replies_before_init_ += bytes;
  else if (!bytes.empty() && !ending()) {
    push_waiting();
    queue_.push(make_shared_bytes(std::move(bytes)));
    queued();
  }
}

} // namespace hubbub
