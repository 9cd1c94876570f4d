// The part of the session that writes what the actors send to it alone, and answers its queue.
// Knows: its outbox. Must not know: what it reads.
#include "net/websocket/session_output.hpp"

namespace hubbub {

session_output::session_output(io_thread& io, hub& actors, write_queue to, std::string room,
                               client from, std::shared_ptr<const void> slot)
    : io_(io), hub_(actors), queue_(std::move(to)), room_(std::move(room)),
      client_(std::move(from)), subscriptions_(*this, io.fanout()),
      last_received_(io.sessions().now()), slot_(std::move(slot)) {
  queue_.set_owner(this);
}

void session_output::enter(const identity& user) {
  ref_ = io_.counters().next_session_id();
  io_.sessions().add(ref_, shared_from_this());
  // While the log is available, `init` comes at once and leaves with the answer in one write.
  if (hub_.ingress().log().available()) {
    queue_.hold(true);
    io_.sessions().release_output_soon(ref_);
  }
  if (user.expires_at != user.expires_at.max())
    io_.expiry().add(ref_, user.expires_at);
}

void session_output::connect(connection_params params) {
  subscriptions_.add(first_subscription, subscription::phase::requested);
  params.room = room_;
  params.sink = &io_;
  params.session = ref_;
  params.how = subscriptions_.how();
  params.quota = client_.quota;
  id_ = params.id;
  actor_ = hub_.connect(std::move(params));
}

void session_output::leave() {
  if (slow_)
    io_.sessions().set_slow(*this, false);
  queue_.set_owner(nullptr);
  io_.fanout().forget(*this);
  subscriptions_.leave_all();
  queue_.close();
  outbox_.set(0);
  caf::anon_send(actor_, closed_atom_v);
  io_.sessions().remove(ref_);
  io_.expiry().remove(ref_);
  slot_.reset();
}

void session_output::deliver(subscription_ref of, room_ref room, delivery what) {
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

void session_output::push_delivery(subscription_ref of, delivery& what) {
  const auto fixed = what.bytes.size() - what.begins.size();
  for (std::size_t i = 0; i < what.bytes.size(); ++i)
    if (const auto last = i + 1 == what.bytes.size(); !what.bytes[i]->empty())
      queue_.push({.bytes = std::move(what.bytes[i]),
                   .messages = last ? what.messages : 0,
                   .subscription = of,
                   .resume_after = i < fixed ? byte_queue::no_cursor : what.begins[i - fixed]});
}

void session_output::notify(subscription_ref of, std::string bytes) {
  const auto* const s = ending() ? nullptr : subscriptions_.find(of);
  if (!s || s->now != subscription::phase::live)
    return;
  push_waiting();
  queue_.push(make_shared_bytes(std::move(bytes)));
  queued();
}

void session_output::end_subscription(subscription& s) {
  caf::anon_send(actor_, subscription_ended{s.number});
  subscriptions_.remove(s);
}

void session_output::release_output() {
  queue_.hold(false);
  queue_.flush();
}

/// The first delivery brings `init`, which comes before everything else.
void session_output::request_deliveries() {
  if (replies_before_init_)
    return;
  while (const auto* const next = subscriptions_.request_next(queue_.queued(), io_.outbox()))
    caf::anon_send(actor_, delivery_request{next->number, next->cursor, next->known_fork});
}

reader_lag session_output::lag() const {
  reader_lag out{queue_.queued_messages(), queue_.queued()};
  const auto newest = io_.counters().newest.load(std::memory_order_relaxed);
  if (subscriptions_.behind())
    out.messages += hub_.ingress().log().ids_between(subscriptions_.least_cursor(), newest);
  return out;
}

session_info session_output::info() const {
  return {ref_,
          id_,
          room_,
          text_of(client_.address),
          since_,
          subscriptions_.sent(),
          lag(),
          subscriptions_.size(),
          is_event_stream(subscriptions_.how())};
}

void session_output::queue_busy() {
  subscriptions_.set_busy(true);
}

void session_output::queue_full() {
  if (!std::exchange(slow_, true))
    io_.sessions().set_slow(*this, true);
}

void session_output::queue_wrote(std::size_t bytes, std::uint32_t messages) {
  io_.counters().add(counter::sent_bytes, bytes);
  io_.counters().add(counter::delivered, messages);
  outbox_.set(queue_.queued());
  request_deliveries();
}

void session_output::queue_idle() {
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

void session_output::queue_closing() {
  subscriptions_.leave_all();
  resume_reading(); // the read returns the error, and the session ends
}

} // namespace hubbub
