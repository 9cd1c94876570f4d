// One WebSocket connection: its handshake, its read loop, its outbox, its end.
// Knows: RFC 6455 through Beast, its window, its subscriptions. Must not know: JSON, other
// sessions, the database.
#pragma once

#include "actors/hub.hpp"
#include "net/access/client_quotas.hpp"
#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/websocket/io_thread.hpp"
#include "net/websocket/session_subscriptions.hpp"
#include "net/websocket/websocket.hpp"
#include "net/websocket/ws_query.hpp"

namespace hubbub {

/// Reads a frame only while its outbox and its window are below their limits and the ingress budget
/// has space (backpressure).
/// Threads: all calls on the I/O thread.
/// Lifetime: the I/O thread keeps the session from `start` to `end`, and operations under way keep
/// it until they complete. The I/O thread outlives it, and the hub outlives the I/O thread.
class session final : public session_interface,
                      public fanout_member,
                      public write_queue::owner,
                      public std::enable_shared_from_this<session> {
public:
  /// The bytes of a frame, or of its fragments together, beside the data of a message.
  static constexpr std::size_t max_frame = 16 * 1024;

  /// Answers the upgrade and connects the session to the hub. The slot is released when the
  /// connection ends.
  static void start(io_thread& io, hub& actors, write_queue to, const http_request& request,
                    ws_query query, identity user, client from, std::shared_ptr<const void> slot);

  session(io_thread& io, hub& actors, write_queue to, std::string room, client from,
          std::shared_ptr<const void> slot);

  // -- session_interface --------------------------------------------------------------------------

  std::shared_ptr<session_interface> self() override { return shared_from_this(); }
  void deliver(subscription_ref of, room_ref room, delivery what) override;
  void notify(subscription_ref of, std::string bytes) override;
  void subscribe(subscription_ref of, frame_volume settled) override;
  void unsubscribe(subscription_ref of, std::string bytes, frame_volume settled) override;
  void reply(std::string bytes, frame_volume settled, std::uint32_t refused) override;
  void shed() override;
  void take_turns() override;
  void resume_reading() override;
  void end(boost::system::error_code why = {}) override;
  void release_output() override;
  void close(std::uint16_t code, const std::string& reason) override;
  io_thread::clock::time_point last_received() const override { return last_received_; }
  void check_silence() override;
  const uuid& id() const override { return id_; }
  reader_lag lag() const override;
  session_info info() const override;

  // -- fanout_member ------------------------------------------------------------------------------

  void send_rest(subscription_ref of, const chunk& what, std::size_t written,
                 row_id shown) override;
  capacity begin_round() override;
  bool exceed(subscription_ref of, const chunk& what, row_id shown) override;
  void flush() override;
  int fd() const override { return queue_.descriptor(); }
  subscription& live_subscription(subscription_ref number) override {
    return *subscriptions_.find(number);
  }

private:
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

  /// Returns whether the connection is closing or closed. No frame may follow a close frame (RFC
  /// 6455, section 5.5.1).
  bool ending() const;
  void send_close();
  void queued();
  std::size_t write_waiting();
  void push_waiting(std::size_t written = 0);
  void push_reply(std::string bytes);
  void push_delivery(subscription_ref of, delivery& what);
  void end_subscription(subscription& s);
  void request_deliveries();
  void fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn);
  bool short_of_memory() const { return io_.memory().level() >= pressure::tight; }
  void queue_busy() override;
  void queue_full() override;
  void queue_wrote(std::size_t bytes, std::uint32_t messages) override;
  void queue_idle() override;
  void queue_closing() override;

  enum class phase : std::uint8_t {
    accepting, ///< Beast has not answered the upgrade yet.
    open,      ///< Until `end`, also while a close frame is on its way.
    ended,     ///< `end` was called.
  };

  io_thread& io_;     ///< Outlives all its sessions.
  hub& hub_;          ///< Outlives the I/O thread.
  write_queue queue_; ///< The same queue as the next layer of stream_.
  websocket stream_;
  connection_actor actor_;
  session_ref ref_ = 0;
  uuid id_{};
  const std::string room_;
  const client client_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  session_subscriptions subscriptions_;
  std::string frame_; ///< What was read of the present frame.
  /// Replies that wait for `init`. Null once `init` is written or in the queue.
  std::unique_ptr<std::string> replies_before_init_ = std::make_unique<std::string>();
  gauge_share outbox_{&io_.memory().outboxes};
  gauge_share partial_frame_{&io_.memory().frames};
  frame_volume unsettled_; ///< Frames that were handed to the actor and have no reply yet.
  std::unique_ptr<boost::beast::websocket::close_reason> close_frame_; ///< The one that we send.
  std::uint8_t partial_reads_ = 0; ///< Reads that did not complete a frame; wraps.
  phase phase_ = phase::accepting;
  bool waits_to_read_ = false; ///< The next read waits until no limit is reached.
  bool slow_ = false;          ///< Known to the registry as slow.
  bool pushed_ = false;        ///< Something was queued since the last flush.
  bool pinged_ = false;        ///< A ping of ours has no pong yet.
  io_thread::clock::time_point last_received_;
  io_thread::clock::time_point penalty_until_; ///< The end of the penalty of all refused frames.
  std::shared_ptr<const void> slot_;           ///< Of the connection_limiter.
};

} // namespace hubbub
