// The part of the session that writes.
// Knows: its outbox, and when it is too far behind. Must not know: what it reads.
#include "net/websocket/session.hpp"

#include <array>

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

// -- live frames ----------------------------------------------------------------------------------

void session::send_rest(subscription_ref of, const chunk& what, std::size_t written, row_id shown) {
  queue_.push({what.bytes, written, what.messages, of, shown});
  queued();
}

fanout_member::intake session::begin_round() {
  const auto outbox = std::min(io_.outbox(), std::size_t{UINT32_MAX});
  return {ending() ? 0 : std::uint32_t(outbox - std::min(outbox, queue_.queued())), !slow_};
}

bool session::exceed(subscription_ref of, const chunk& what, row_id shown) {
  if (ending())
    return false;
  push_waiting();
  // An empty queue takes a chunk of any size. If the session left the fan-out now, nothing would be
  // in its queue, `queue_idle` would never be called, and the session would never catch up.
  const auto fits = [&] {
    return queue_.queued() == 0 || queue_.queued() + what.bytes->size() <= io_.outbox();
  };
  if (!fits())
    queue_.flush();                // what was queued in this round may be all that is in the way
  if (ending() || queue_.failed()) // the subscription may have ended
    return false;
  if (fits()) {
    queue_.push({what.bytes, 0, what.messages, of, shown});
    queued();
    return !slow_;
  }
  // While memory is short, what is queued and not begun is read from the log as well.
  fall_behind(short_of_memory() ? queue_.withdraw() : std::vector<byte_queue::withdrawn>());
  return false;
}

/// Something was queued in this round.
void session::queued() {
  pushed_ = true;
  outbox_.set(queue_.queued());
  io_.fanout().flush_later(*this);
}

/// What waits for the end of the round is written without the queue if nothing is in the queue.
void session::flush() {
  if (!waiting.empty())
    push_waiting(pushed_ ? 0 : write_waiting());
  if (std::exchange(pushed_, false))
    queue_.flush();
}

/// Returns how many bytes of the waiting chunks the peer took.
std::size_t session::write_waiting() {
  std::array<iovec, write_queue::max_parts> parts;
  std::size_t count = 0;
  io_.fanout().for_each_waiting(*this, [&](const round_queue::queued_chunk& c, subscription_ref) {
    parts[count++] = {const_cast<char*>(c.what.bytes->data()), c.what.bytes->size()};
    return count < parts.size();
  });
  return queue_.try_write({parts.data(), count});
}

/// Queues the waiting chunks, of which `written` bytes are written already.
void session::push_waiting(std::size_t written) {
  if (waiting.empty())
    return;
  std::uint64_t messages = 0;
  auto left = written;
  io_.fanout().for_each_waiting(
      *this, [&](const round_queue::queued_chunk& c, subscription_ref of) {
        const auto size = c.what.bytes->size();
        if (left >= size) {
          left -= size;
          messages += c.what.messages;
          return true;
        }
        queue_.push({c.what.bytes, std::exchange(left, 0), c.what.messages, of, c.shown});
        pushed_ = true;
        return true;
      });
  io_.fanout().clear_waiting(*this);
  io_.counters().add(counter::sent_bytes, written);
  io_.counters().add(counter::delivered, messages);
  outbox_.set(queue_.queued());
}

void session::shed() {
  if (ending() || queue_.queued() <= io_.outbox() || !short_of_memory())
    return;
  if (const auto withdrawn = queue_.withdraw(); !withdrawn.empty())
    fall_behind(withdrawn);
}

void session::take_turns() {
  if (!ending() && queue_.queued() > 0 && subscriptions_.behind())
    fall_behind({});
}

/// Leaves the live fan-out, to read from the log when the queue is empty. Live frames would come
/// before what was withdrawn.
void session::fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn) {
  subscriptions_.fall_behind();
  for (const auto& each : withdrawn)
    subscriptions_.withdrawn(each);
  outbox_.set(queue_.queued());
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
