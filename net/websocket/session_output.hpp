// What a session sends, whatever its transport: its outbox and its subscriptions.
// Knows: the live fan-out, deliveries, and when its reader is too far behind. Must not know:
// WebSocket, HTTP, what the session reads, the meaning of bytes.
#pragma once

#include "actors/hub.hpp"
#include "net/access/client_quotas.hpp"
#include "net/access/token.hpp"
#include "net/websocket/io_thread.hpp"
#include "net/websocket/session_subscriptions.hpp"
#include "net/websocket/write_queue.hpp"

namespace hubbub {

/// A session whose transport a derived class adds.
/// Threads: all calls on the I/O thread.
/// Lifetime: the I/O thread outlives it, and the hub outlives the I/O thread. `end` of the derived
/// class calls `leave`.
class session_output : public session_interface,
                       public fanout_member,
                       public write_queue::owner,
                       public std::enable_shared_from_this<session_output> {
public:
  // -- session_interface --------------------------------------------------------------------------

  std::shared_ptr<session_interface> self() override { return shared_from_this(); }
  void deliver(subscription_ref of, room_ref room, delivery what) override;
  void notify(subscription_ref of, std::string bytes) override;
  void shed() override;
  void take_turns() override;
  void release_output() override;
  io_thread::clock::time_point last_received() const override { return last_received_; }
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

protected:
  /// `room` is that of the first subscription. The slot is released by `leave`.
  session_output(io_thread& io, hub& actors, write_queue to, std::string room, client from,
                 std::shared_ptr<const void> slot);
  ~session_output() = default;

  /// Registers the session with its I/O thread, which closes it when the token of `user` expires.
  void enter(const identity& user);

  /// Connects the session to the hub, which answers with the first delivery. Fills the members of
  /// `params` that the session knows.
  void connect(connection_params params);

  /// Leaves the hub and the I/O thread, and closes the queue.
  void leave();

  /// Returns whether the connection is closing or closed: nothing more may be queued.
  virtual bool ending() const = 0;

  /// Must be called after bytes were queued: they are written at the end of the round.
  void queued();
  void push_waiting(std::size_t written = 0);
  void end_subscription(subscription& s);
  void request_deliveries();

  /// `withdrawn` is what was withdrawn from the queue.
  virtual void fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn);

  void queue_busy() override;
  void queue_full() override;
  void queue_wrote(std::size_t bytes, std::uint32_t messages) override;
  void queue_idle() override;
  void queue_closing() override;

  io_thread& io_;     ///< Outlives all its sessions.
  hub& hub_;          ///< Outlives the I/O thread.
  write_queue queue_; ///< Everything that is written goes through it.
  connection_actor actor_;
  session_ref ref_ = 0;
  uuid id_{};
  const std::string room_;
  const client client_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  session_subscriptions subscriptions_;
  /// Replies that wait for `init`. Null once `init` is written or in the queue.
  std::unique_ptr<std::string> replies_before_init_ = std::make_unique<std::string>();
  gauge_share outbox_{&io_.memory().outboxes};
  io_thread::clock::time_point last_received_;
  std::shared_ptr<const void> slot_; ///< Of the connection_limiter.
  bool slow_ = false;                ///< Known to the registry as slow.
  bool pushed_ = false;              ///< Something was queued since the last flush.

private:
  std::size_t write_waiting();
  void push_delivery(subscription_ref of, delivery& what);
  bool short_of_memory() const { return io_.memory().level() >= pressure::tight; }
};

} // namespace hubbub
