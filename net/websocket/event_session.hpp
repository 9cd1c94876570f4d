// One event stream: the head of its answer, its comments, its ids, its end.
// Knows: server-sent events (WHATWG HTML, "Server-sent events"), and an answer that ends with its
// connection (RFC 9112, section 6.3). Must not know: JSON of messages, other sessions, the request.
#pragma once

#include "net/websocket/event_query.hpp"
#include "net/websocket/session_output.hpp"

#include <array>

namespace hubbub {

/// Writes only. What its client sends after the request is ignored.
/// Threads: all calls on the I/O thread.
/// Lifetime: the I/O thread keeps the session from `start` to `end`, and operations under way keep
/// it until they complete. The I/O thread outlives it, and the hub outlives the I/O thread.
class event_session final : public session_output {
public:
  /// Writes the head of the answer, and connects the session to the hub. The slot is released when
  /// the connection ends.
  static void start(io_thread& io, hub& actors, write_queue to, std::string head, event_query query,
                    identity user, client from, std::shared_ptr<const void> slot);

  event_session(io_thread& io, hub& actors, write_queue to, std::string room, client from,
                std::shared_ptr<const void> slot);

  // -- session_interface --------------------------------------------------------------------------

  void deliver(subscription_ref of, room_ref room, delivery what) override;
  // An event stream hands over no frames, so nothing of this is about it.
  void subscribe(subscription_ref, frame_volume) override {}
  void unsubscribe(subscription_ref, std::string, frame_volume) override {}
  void reply(std::string, frame_volume, std::uint32_t) override {}
  void resume_reading() override {}
  void end(boost::system::error_code why = {}) override;
  void close(std::uint16_t code, const std::string& reason) override;
  void send_away(std::uint16_t code, std::size_t retry_after_ms) override;
  void check_silence() override;
  void release_output() override;

  // -- fanout_member ------------------------------------------------------------------------------

  void flush() override;
  /// With several rooms there is none: only `flush` queues the ids.
  int fd() const override;

private:
  std::shared_ptr<event_session> shared_from_this() {
    return std::static_pointer_cast<event_session>(session_output::shared_from_this());
  }
  bool ending() const override { return close_code_ || ended_; }
  void read();
  void comment_later();
  void comment();
  void push_id();
  void expect_head();
  void close_after(std::uint16_t code, std::string last_event);
  void fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn) override;
  void queue_busy() override;
  void queue_wrote(std::size_t bytes, std::uint32_t messages) override;
  void queue_idle() override;

  io_timer timer_;                 ///< Of the next comment, or of the end after the last event.
  shared_bytes id_head_;           ///< As the deliveries said. Null with one room.
  row_id last_id_ = -1;            ///< The number of the last id that was queued, if not withdrawn.
  bool expects_head_ = false;      ///< `release_output` is called soon.
  std::uint16_t close_code_ = 0;   ///< Of the last event. 0: it is not queued yet.
  bool ended_ = false;             ///< `end` was called.
  bool shut_down_ = false;         ///< Everything is written, and the peer is to close.
  bool throttled_ = false;         ///< Reads are throttled.
  std::array<char, 64> ignored_{}; ///< What the peer sends.
};

} // namespace hubbub
