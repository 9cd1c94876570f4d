// The part of the session that writes.
// Knows: its outbox, its cursor, and when it is too far behind. Must not know: what it reads.
#include "net/websocket/session.hpp"

namespace hubbub {

void session::deliver(room_ref room, delivery what) {
  if (ending())
    return;
  if (what.live) {
    io_.fanout().join({room, encoding_}, room_subscription_);
    session_fanout::set_busy(room_subscription_,
                             queue_.queued() >
                                 0); // a reply may have been queued since the queue was empty
  }
  const auto fixed = what.bytes.size() - what.begins.size();
  for (std::size_t i = 0; i < what.bytes.size(); ++i)
    if (const auto last = i + 1 == what.bytes.size(); !what.bytes[i]->empty())
      queue_.push(std::move(what.bytes[i]), 0, last ? what.messages : 0,
                  i < fixed ? write_queue::no_cursor : what.begins[i - fixed]);
  sent_ += what.messages;
  init_sent_ = true;
  if (!replies_before_init_.empty())
    queue_.push(make_shared_bytes(std::exchange(replies_before_init_, {})));
  room_subscription_.cursor = what.cursor;
  room_subscription_.known_fork = what.known_fork;
  catching_up_ = !what.live;
  queue_.hold(false);
  queue_.flush(); // calls queue_idle, perhaps at once
  outbox_.set(queue_.queued());
}

void session::release_output() {
  queue_.hold(false);
  queue_.flush();
}

void session::reply(std::string bytes, frame_volume settled, std::uint32_t refused) {
  unsettled_ -= settled;
  if (!init_sent_)
    replies_before_init_ += bytes;
  else if (!bytes.empty() && !ending()) {
    queue_.push(make_shared_bytes(std::move(bytes)));
    queue_.flush();
    outbox_.set(queue_.queued());
  }
  if (refused && !within_penalty(refused))
    close(boost::beast::websocket::close_code::policy_error, "too many frames were refused");
  resume_reading();
}

void session::send_rest(subscription& of, const chunk& what, std::size_t written, row_id shown) {
  queue_.push(what.bytes, written, what.messages, std::max(of.cursor, shown));
  queue_.flush();
  outbox_.set(queue_.queued());
}

bool session::offer(subscription& of, const chunk& what, row_id shown) {
  if (ending())
    return false;
  // An empty queue takes a chunk of any size. If the session left the fan-out now, nothing would be
  // in its queue, `queue_idle` would never be called, and the session would never catch up.
  if (queue_.queued() == 0 || queue_.queued() + what.bytes->size() <= io_.outbox()) {
    queue_.push(what.bytes, 0, what.messages, std::max(of.cursor, shown));
    queue_.flush();
    outbox_.set(queue_.queued());
    return queue_.queued() == 0;
  }
  leave_live_fanout(std::max(of.cursor, shown));
  return false;
}

void session::shed() {
  if (!ending() && queue_.queued() > io_.outbox())
    leave_live_fanout(catching_up_ ? room_subscription_.cursor : no_end);
}

/// Leaves the live fan-out, to read from the log after `cursor` when the queue is empty. While
/// memory is short, what is queued and not begun is withdrawn, and read from the log as well.
void session::leave_live_fanout(row_id cursor) {
  const bool short_of_memory = io_.memory().level() >= pressure::tight;
  const auto withdrawn = short_of_memory ? queue_.withdraw() : write_queue::withdrawn{};
  sent_ -= withdrawn.messages;
  if (withdrawn.resume_after != write_queue::no_cursor)
    cursor = withdrawn.resume_after;
  if (cursor == no_end) // nothing could be withdrawn: the session stays live
    return;
  room_subscription_.cursor = cursor;
  catching_up_ = true;
  leave_room();
  outbox_.set(queue_.queued());
}

void session::leave_room() {
  sent_ += session_fanout::sent_since_join(room_subscription_);
  io_.fanout().leave(room_subscription_);
}

reader_lag session::lag() const {
  reader_lag out{queue_.queued_messages(), queue_.queued()};
  const auto newest = io_.counters().newest.load(std::memory_order_relaxed);
  if (catching_up_)
    out.messages += hub_.ingress().log().ids_between(room_subscription_.cursor, newest);
  return out;
}

session_info session::info() const {
  return {ref_,   id_,
          room_,  text_of(client_.address),
          since_, sent_ + session_fanout::sent_since_join(room_subscription_),
          lag()};
}

void session::queue_busy() {
  session_fanout::set_busy(room_subscription_, true);
}

void session::queue_full() {
  if (!std::exchange(slow_, true))
    io_.sessions().set_slow(*this, true);
}

void session::queue_wrote(std::size_t bytes, std::uint32_t messages) {
  io_.counters().add(counter::sent_bytes, bytes);
  io_.counters().add(counter::delivered, messages);
  outbox_.set(queue_.queued());
}

void session::queue_idle() {
  if (slow_) // the peer has read, so it is alive
    last_received_ = io_.sessions().now();
  if (ending()) {
    leave_room();
    return;
  }
  session_fanout::set_busy(room_subscription_, false);
  if (slow_ && !catching_up_) {
    slow_ = false;
    io_.sessions().set_slow(*this, false);
  }
  if (std::exchange(catching_up_, false))
    caf::anon_send(actor_,
                   delivery_written{room_subscription_.cursor, room_subscription_.known_fork});
  resume_reading();
}

void session::queue_closing() {
  leave_room();
  resume_reading(); // the read returns the error, and the session ends
}

} // namespace hubbub
