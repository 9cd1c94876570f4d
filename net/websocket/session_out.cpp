// The part of the session that writes what the actors send to it alone, and answers its queue.
// Knows: its outbox. Must not know: what it reads.
#include "net/websocket/session.hpp"

namespace hubbub {

void session::deliver(subscription_ref of, room_ref room, delivery what) {
  auto* const s = ending() ? nullptr : subscriptions_.find(of);
  if (!s)
    return;
  push_waiting();
  const bool wanted = !s->leaving || replies_before_init_; // `init` comes whatever happens
  if (s->leaving)
    end_subscription(*s);
  else
    subscriptions_.delivered(*s, room, what);
  if (wanted)
    push_delivery(of, what);
  if (const auto replies = std::move(replies_before_init_); replies && !replies->empty())
    queue_.push(make_shared_bytes(std::move(*replies)));
  queue_.hold(false);
  queued(); // `flush` calls queue_idle, also if nothing was delivered
  request_deliveries();
}

void session::push_delivery(subscription_ref of, delivery& what) {
  const auto fixed = what.bytes.size() - what.begins.size();
  for (std::size_t i = 0; i < what.bytes.size(); ++i)
    if (const auto last = i + 1 == what.bytes.size(); !what.bytes[i]->empty())
      queue_.push({.bytes = std::move(what.bytes[i]),
                   .messages = last ? what.messages : 0,
                   .subscription = of,
                   .resume_after = i < fixed ? byte_queue::no_cursor : what.begins[i - fixed]});
}

void session::notify(subscription_ref of, std::string bytes) {
  const auto* const s = ending() ? nullptr : subscriptions_.find(of);
  if (!s || s->now != subscription::phase::live)
    return;
  push_waiting();
  queue_.push(make_shared_bytes(std::move(bytes)));
  queued();
}

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

void session::end_subscription(subscription& s) {
  caf::anon_send(actor_, subscription_ended{s.number});
  subscriptions_.remove(s);
}

void session::release_output() {
  queue_.hold(false);
  queue_.flush();
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

/// The first delivery brings `init`, which comes before everything else.
void session::request_deliveries() {
  if (replies_before_init_)
    return;
  while (const auto* const next = subscriptions_.request_next(queue_.queued(), io_.outbox()))
    caf::anon_send(actor_, delivery_request{next->number, next->cursor, next->known_fork});
}

reader_lag session::lag() const {
  reader_lag out{queue_.queued_messages(), queue_.queued()};
  const auto newest = io_.counters().newest.load(std::memory_order_relaxed);
  if (subscriptions_.behind())
    out.messages += hub_.ingress().log().ids_between(subscriptions_.least_cursor(), newest);
  return out;
}

session_info session::info() const {
  return {ref_,   id_,
          room_,  text_of(client_.address),
          since_, subscriptions_.sent(),
          lag(),  subscriptions_.size()};
}

void session::queue_busy() {
  subscriptions_.set_busy(true);
}

void session::queue_full() {
  if (!std::exchange(slow_, true))
    io_.sessions().set_slow(*this, true);
}

void session::queue_wrote(std::size_t bytes, std::uint32_t messages) {
  io_.counters().add(counter::sent_bytes, bytes);
  io_.counters().add(counter::delivered, messages);
  outbox_.set(queue_.queued());
  request_deliveries();
}

void session::queue_idle() {
  if (slow_) // the peer has read, so it is alive
    last_received_ = io_.sessions().now();
  if (ending()) {
    subscriptions_.leave_all();
    return;
  }
  subscriptions_.set_busy(false);
  if (slow_ && !subscriptions_.behind()) {
    slow_ = false;
    io_.sessions().set_slow(*this, false);
  }
  request_deliveries();
  resume_reading();
}

void session::queue_closing() {
  subscriptions_.leave_all();
  resume_reading(); // the read returns the error, and the session ends
}

} // namespace hubbub
