// The session's other half: what it is shown.
// Knows: its outbox, its cursor, and when it is too far behind. Must not know: what it reads.
#include "net/websocket/session.hpp"

namespace hubbub {

void session::deliver(room_ref room, delivery what) {
  if (over())
    return;
  if (what.live) {
    lane_.join_room(room, *this);
    lane_.set_busy(*this, socket_.queued() > 0); // a reply may wait since it was drained
  }
  const auto fixed = what.bytes.size() - what.begins.size();
  for (std::size_t i = 0; i < what.bytes.size(); ++i)
    if (const auto last = i + 1 == what.bytes.size(); !what.bytes[i]->empty())
      socket_.push(std::move(what.bytes[i]), 0, last ? what.messages : 0,
                   i < fixed ? write_queue::nowhere : what.begins[i - fixed]);
  sent += what.messages;
  init_sent_ = true;
  if (!early_.empty())
    socket_.push(make_shared_bytes(std::exchange(early_, {})));
  cursor_ = what.cursor;
  catching_up_ = !what.live;
  socket_.hold(false);
  socket_.flush(); // tells when it is idle, perhaps at once
  outbox_.set(socket_.queued());
}

void session::release() {
  socket_.hold(false);
  socket_.flush();
}

void session::reply(std::string bytes, frame_volume settled, std::uint32_t refused) {
  unsettled_ -= settled;
  if (!init_sent_)
    early_ += bytes;
  else if (!bytes.empty() && !over()) {
    socket_.push(make_shared_bytes(std::move(bytes)));
    socket_.flush();
    outbox_.set(socket_.queued());
  }
  if (refused && !within_penalty(refused))
    close(boost::beast::websocket::close_code::policy_error, "too many frames were refused");
  go_on();
}

void session::send_rest(const chunk& what, std::size_t sent, row_id shown) {
  socket_.push(what.bytes, sent, what.messages, std::max(cursor_, shown));
  socket_.flush();
  outbox_.set(socket_.queued());
}

bool session::offer(const chunk& what, row_id shown) {
  if (over())
    return false;
  // Where nothing waits, nothing would tell that it is time to come back.
  if (socket_.queued() == 0 || socket_.queued() + what.bytes->size() <= lane_.outbox()) {
    socket_.push(what.bytes, 0, what.messages, std::max(cursor_, shown));
    socket_.flush();
    outbox_.set(socket_.queued());
    return socket_.queued() == 0;
  }
  fall_behind(std::max(cursor_, shown));
  return false;
}

void session::shed() {
  if (!over() && socket_.queued() > lane_.outbox())
    fall_behind(catching_up_ ? cursor_ : no_end);
}

/// Out of the live fan-out, behind this row. Where memory is short, what is queued and not begun is
/// asked for again too.
void session::fall_behind(row_id cursor) {
  const bool short_of_memory = lane_.memory().level() >= pressure::tight;
  const auto back = short_of_memory ? socket_.take_back() : write_queue::taken{};
  sent -= back.messages;
  if (back.again != write_queue::nowhere)
    cursor = back.again;
  if (cursor == no_end) // all of it is begun, and it is live still
    return;
  cursor_ = cursor;
  catching_up_ = true;
  lane_.leave_room(*this);
  outbox_.set(socket_.queued());
}

lag session::behind() const {
  lag out{socket_.queued_messages(), socket_.queued()};
  const auto newest = lane_.counters().newest.load(std::memory_order_relaxed);
  if (catching_up_ && newest > cursor_)
    out.messages += std::uint64_t(newest) - std::uint64_t(cursor_); // a cursor is any number
  return out;
}

session_info session::info() const {
  return {ref_, id_, room_, text_of(from_.address), since_, sent, behind()};
}

void session::queue_busy() {
  lane_.set_busy(*this, true);
}

void session::queue_full() {
  if (!std::exchange(slow_, true))
    lane_.set_slow(*this, true);
}

void session::queue_wrote(std::size_t bytes, std::uint32_t messages) {
  lane_.wrote(bytes, messages);
  outbox_.set(socket_.queued());
}

void session::queue_idle() {
  if (slow_) // and has read, which is a sign of life
    last_received_ = lane_.now();
  if (over()) {
    lane_.leave_room(*this);
    return;
  }
  lane_.set_busy(*this, false);
  if (slow_ && !catching_up_) {
    slow_ = false;
    lane_.set_slow(*this, false);
  }
  if (std::exchange(catching_up_, false))
    caf::anon_send(actor_, delivery_written{cursor_});
  go_on();
}

void session::queue_closing() {
  lane_.leave_room(*this);
  go_on(); // to read the error, and end
}

} // namespace hubbub
