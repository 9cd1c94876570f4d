// The part of the lane that answers operators, and the limits of a session under memory pressure.
// Knows: which readers are slow, the order of sessions. Must not know: what is sent to them.
#include "net/websocket/lane.hpp"

#include <boost/asio/post.hpp>

namespace hubbub {

namespace {

constexpr std::chrono::seconds slow_after{1};

/// The outbox and the window of a session while memory is short.
constexpr std::size_t small_outbox = 16 * 1024;
constexpr frame_volume small_window{4, 16 * 1024};

} // namespace

/// Takes the snapshot that `slow` returns. The cost depends on the number of slow sessions and not
/// on the number of requests for it.
void lane::update_slow_readers() {
  slow_readers now;
  for (const auto& [session, since] : slow_) {
    if (now_ - since < slow_after)
      continue;
    const auto lag = session->lag();
    ++now.count;
    now.lag.messages += lag.messages;
    now.lag.bytes += lag.bytes;
    now.worst.push_back({session->id(), lag});
  }
  keep_worst(now.worst);
  const mutex_lock lock(slow_mutex_);
  slow_snapshot_ = std::move(now);
}

std::size_t lane::outbox() const {
  return memory().level() < pressure::tight ? limits_.outbox
                                            : std::min(limits_.outbox, small_outbox);
}

frame_volume lane::window() const {
  return memory().level() < pressure::tight
             ? frame_volume{hubbub::window.frames, memory().share(hubbub::window.bytes, 1024)}
             : small_window;
}

void lane::shed() {
  boost::asio::post(context_, [this] {
    std::vector<std::shared_ptr<session_interface>> all;
    for (const auto& [session, since] : slow_)
      all.push_back(session->self());
    for (const auto& each : all)
      each->shed();
  });
}

slow_readers lane::slow() const {
  const mutex_lock lock(slow_mutex_);
  return slow_snapshot_;
}

void lane::request_sessions(session_ref before, std::size_t limit,
                            std::function<void(std::vector<session_info>)> answer) {
  boost::asio::post(context_, [this, before, limit, answer = std::move(answer)] {
    std::vector<session_info> out;
    session_index_.newest(before, limit, [&](session_interface& s) {
      out.push_back(s.info());
      if (s.room_slot.room)
        out.back().sent +=
            rooms_.find(s.room_slot.room)->second.sent - s.room_slot.room_sent_at_join;
    });
    answer(std::move(out));
  });
}

} // namespace hubbub
