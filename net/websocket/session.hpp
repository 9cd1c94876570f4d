// One WebSocket connection: its handshake, its read loop, its end.
// Knows: RFC 6455 through Beast, its window. Must not know: JSON, other sessions, the database.
#pragma once

#include "net/http/http_message.hpp"
#include "net/websocket/session_output.hpp"
#include "net/websocket/websocket.hpp"
#include "net/websocket/ws_query.hpp"

namespace hubbub {

/// Reads a frame only while its outbox and its window are below their limits and the ingress budget
/// has space (backpressure).
/// Threads: all calls on the I/O thread.
/// Lifetime: the I/O thread keeps the session from `start` to `end`, and operations under way keep
/// it until they complete. The I/O thread outlives it, and the hub outlives the I/O thread.
class session final : public session_output {
public:
  /// The bytes of a frame, or of its fragments together, beside the data of a message.
  static constexpr std::size_t max_frame = wire::max_beside_data;

  /// Answers the upgrade and connects the session to the hub. The slot is released when the
  /// connection ends.
  static void start(io_thread& io, hub& actors, write_queue to, const http_request& request,
                    ws_query query, identity user, client from, std::shared_ptr<const void> slot);

  session(io_thread& io, hub& actors, const write_queue& to, std::string room, client from,
          std::shared_ptr<const void> slot);

  // -- session_interface --------------------------------------------------------------------------

  void subscribe(subscription_ref of, frame_volume settled) override;
  void unsubscribe(subscription_ref of, std::string bytes, frame_volume settled) override;
  void reply(std::string bytes, frame_volume settled, std::uint32_t refused) override;
  void resume_reading() override;
  void end(boost::system::error_code why = {}) override;
  void close(std::uint16_t code, const std::string& reason) override;
  void send_away(std::uint16_t code, std::size_t retry_after_ms) override {
    close(code, "retry_after_ms=" + std::to_string(retry_after_ms));
  }
  void check_silence() override;

private:
  std::shared_ptr<session> shared_from_this() {
    return std::static_pointer_cast<session>(session_output::shared_from_this());
  }
  void read();
  void read_some();
  bool frame_fits_memory();
  void hand_over(std::string text);
  bool may_read() const;

  /// What happens to one more frame by the rate limit of its client: it is allowed, it is answered
  /// by an error, or the connection is closed.
  enum class frame_verdict { allowed, refused, closed };

  /// Takes one frame from the client's rate limit.
  frame_verdict charge();

  /// Adds the penalty of refused frames, and returns whether the sum is still below the limit at
  /// which the connection is closed.
  bool within_penalty(std::uint32_t refused);

  /// No frame may follow a close frame (RFC 6455, section 5.5.1).
  bool ending() const override;
  void send_close();
  void push_reply(std::string bytes);

  enum class phase : std::uint8_t {
    accepting, ///< Beast has not answered the upgrade yet.
    open,      ///< Until `end`, also while a close frame is on its way.
    ended,     ///< `end` was called.
  };

  std::uint8_t partial_reads_ = 0; ///< Reads that did not complete a frame; wraps.
  phase phase_ = phase::accepting;
  bool waits_to_read_ = false; ///< The next read waits until no limit is reached.
  bool pinged_ = false;        ///< A ping of ours has no pong yet.
  websocket stream_;           ///< Over the same queue as `queue_`.
  std::string frame_;          ///< What was read of the present frame.
  gauge_share partial_frame_{&io_.memory().frames};
  frame_volume unsettled_; ///< Frames that were handed to the actor and have no reply yet.
  std::unique_ptr<boost::beast::websocket::close_reason> close_frame_; ///< The one that we send.
  io_thread::clock::time_point penalty_until_; ///< The end of the penalty of all refused frames.
};

} // namespace hubbub
