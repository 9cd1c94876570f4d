#include "net/websocket/event_session.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

#include <random>

namespace hubbub {

namespace {

namespace asio = boost::asio;
using boost::beast::websocket::close_code;

/// The specification advises a comment every 15 seconds or so. Proxies cut connections that are
/// silent for 30 seconds at the earliest.
constexpr std::chrono::seconds comment_every{25};

/// The time from the last event until the connection is cut.
constexpr std::chrono::seconds close_limit{4};

/// The milliseconds after which a client comes back when its connection breaks.
constexpr std::size_t min_retry = 1000, max_retry = 3000;

const shared_bytes blank_comment = make_shared_bytes(":\n\n");

std::string retry_field(std::size_t milliseconds) {
  return "retry: " + std::to_string(milliseconds) + "\n\n";
}

/// Random, so that the clients of a broken proxy do not come back at once.
std::size_t usual_retry() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_int_distribution(min_retry, max_retry)(random);
}

std::string close_event(std::uint16_t code, const std::string& more = {}) {
  return "event: close\ndata: {\"code\":" + std::to_string(code) + more + "}\n\n";
}

} // namespace

event_session::event_session(io_thread& io, hub& actors, write_queue to, std::string room,
                             client from, std::shared_ptr<const void> slot)
    : session_output(io, actors, std::move(to), std::move(room), std::move(from), std::move(slot)),
      timer_(io.context()) {}

void event_session::start(io_thread& io, hub& actors, write_queue to, std::string head,
                          event_query query, identity user, client from,
                          std::shared_ptr<const void> slot) {
  auto& rooms = query.rooms;
  const auto self = std::make_shared<event_session>(io, actors, std::move(to), std::move(rooms[0]),
                                                    std::move(from), std::move(slot));
  self->enter(user);
  self->queue_.push(make_shared_bytes(std::move(head) + retry_field(usual_retry())));
  self->subscriptions_.set_encoding(rooms.size() == 1 ? encoding::events
                                                      : encoding::events_of_rooms);
  connection_params params;
  params.from = std::move(query.from);
  params.by = std::move(user.by);
  params.rooms = std::move(user.rooms);
  params.more_rooms.assign(std::move_iterator(rooms.begin() + 1), std::move_iterator(rooms.end()));
  self->connect(std::move(params));
  for (std::size_t i = 1; i < rooms.size(); ++i)
    self->subscriptions_.add(first_subscription + subscription_ref(i), subscription::phase::queued);
  self->comment_later();
  self->read();
  self->queue_.flush();
}

// -- in -------------------------------------------------------------------------------------------

/// Reads on until the peer's end, so that the end is noticed at once.
void event_session::read() {
  queue_.async_read_some(asio::buffer(ignored_),
                         [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
                           if (ec)
                             return self->end(ec);
                           if (!std::exchange(self->throttled_, true))
                             self->queue_.throttle_reads();
                           self->read();
                         });
}

// -- out ------------------------------------------------------------------------------------------

void event_session::deliver(subscription_ref of, room_ref room, delivery what) {
  if (what.id_head)
    id_head_ = what.id_head;
  session_output::deliver(of, room, std::move(what));
}

int event_session::fd() const {
  return subscriptions_.how() == encoding::events_of_rooms ? -1 : session_output::fd();
}

void event_session::flush() {
  if (id_head_ && !ending())
    push_id();
  session_output::flush();
}

/// Queues the id up to which all rooms are complete behind everything that was sent up to it. It is
/// withdrawn with the messages before it.
void event_session::push_id() {
  if (!subscriptions_.all_live())
    return;
  const auto complete = io_.fanout().complete_to();
  if (!complete || io_.fanout().is_ahead_of_head())
    expect_head();
  if (!complete || *complete == last_id_)
    return;
  push_waiting();
  last_id_ = *complete;
  queue_.push({.bytes = make_shared_bytes(*id_head_ + std::to_string(last_id_) + "\n\n"),
               .resume_after = last_id_});
  queued();
}

/// The head may follow what was sent in a moment. Nothing else may be sent for a long time, so the
/// id does not wait for it.
void event_session::expect_head() {
  if (!std::exchange(expects_head_, true))
    io_.sessions().release_output_soon(ref_);
}

void event_session::release_output() {
  expects_head_ = false;
  if (id_head_ && !ending())
    push_id();
  session_output::release_output();
}

/// An id that is withdrawn must be queued again.
void event_session::fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn) {
  if (!withdrawn.empty())
    last_id_ = -1;
  session_output::fall_behind(withdrawn);
}

void event_session::comment_later() {
  timer_.expires_after(comment_every);
  timer_.async_wait([weak = weak_from_this(), this](boost::system::error_code ec) {
    if (const auto self = weak.lock(); self && !ec && !ending())
      comment();
  });
}

/// While something is in the queue, it is as good as a comment.
void event_session::comment() {
  if (queue_.queued() == 0) {
    queue_.push(blank_comment);
    queue_.flush();
  }
  comment_later();
}

/// The peer has the time limit from here on: until now it had nothing to take.
void event_session::queue_busy() {
  last_received_ = io_.sessions().now();
  session_output::queue_busy();
}

void event_session::queue_wrote(std::size_t bytes, std::uint32_t messages) {
  last_received_ = io_.sessions().now(); // the peer takes bytes
  session_output::queue_wrote(bytes, messages);
}

void event_session::queue_idle() {
  session_output::queue_idle();
  if (close_code_ && !std::exchange(shut_down_, true))
    queue_.shutdown_send();
}

// -- the end --------------------------------------------------------------------------------------

void event_session::check_silence() {
  if (queue_.queued() > 0 && last_received_ < io_.sessions().now() - io_.limit().drop_after)
    queue_.close();
}

void event_session::close(std::uint16_t code, const std::string&) {
  close_after(code, close_event(code));
}

void event_session::send_away(std::uint16_t code, std::size_t retry_after_ms) {
  close_after(code, retry_field(retry_after_ms) +
                        close_event(code, ",\"retry_after_ms\":" + std::to_string(retry_after_ms)));
}

void event_session::close_after(std::uint16_t code, std::string last_event) {
  if (ending())
    return;
  push_waiting();
  close_code_ = code;
  subscriptions_.leave_all();
  queue_.push(make_shared_bytes(std::move(last_event)));
  timer_.expires_after(close_limit);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec)
      self->end();
  });
  release_output();
}

void event_session::end(boost::system::error_code why) {
  if (std::exchange(ended_, true))
    return;
  const auto usual = why == asio::error::eof ? close_code::no_status : close_code::abnormal;
  io_.counters().add_closed(close_code_ ? close_code_ : std::uint16_t(usual));
  timer_.cancel();
  leave();
}

} // namespace hubbub
