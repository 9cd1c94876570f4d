// One WebSocket: its handshake, its read loop, its outbox, its end.
// Knows: RFC 6455 through Beast, its window, its cursor. Must not know: JSON, the roster, the
// database.
#pragma once

#include "actors/hub.hpp"
#include "net/access/client_quotas.hpp"
#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/websocket/lane.hpp"
#include "net/websocket/session_interface.hpp"
#include "net/websocket/websocket.hpp"
#include "net/websocket/ws_query.hpp"

namespace hubbub {

/// Reads a frame only while its outbox is under the limit, its window is open, and the ingress
/// budget is. Lives in its lane from `start` to the end of the connection; all on the lane's
/// thread.
class session final : public session_interface,
                      public write_queue::owner,
                      public std::enable_shared_from_this<session> {
public:
  static constexpr std::size_t max_frame = 16 * 1024;

  /// Answers the upgrade and begins. Gives its slot back when the connection is over.
  static void start(lane& io, hub& actors, write_queue to, const http_request& request,
                    ws_query query, identity user, client from, std::shared_ptr<const void> slot);

  session(lane& io, hub& actors, write_queue to, std::string room, client from,
          std::shared_ptr<const void> slot);

  // -- what the lane says -------------------------------------------------------------------------

  std::shared_ptr<session_interface> self() override { return shared_from_this(); }
  void deliver(room_ref room, delivery what) override;
  void reply(std::string bytes, frame_volume settled, std::uint32_t refused) override;
  void send_rest(const chunk& what, std::size_t sent, row_id shown) override;
  bool offer(const chunk& what, row_id shown) override;
  void shed() override;
  void resume_reading() override;
  void end(boost::system::error_code why = {}) override;
  void release_output() override;
  void close(std::uint16_t code, const std::string& reason) override;
  lane::clock::time_point last_received() const override { return last_received_; }
  void check_silence() override;
  const uuid& id() const override { return id_; }
  reader_lag lag() const override;
  session_info info() const override;
  int fd() const override { return queue_.descriptor(); }

private:
  void read();
  void read_some();
  void hand_over(std::string text);
  bool may_read() const;

  /// What one more frame of this address is.
  enum class frame_verdict { allowed, refused, closed };
  frame_verdict charge();

  /// So many more frames may be refused, and not the whole connection.
  bool within_penalty(std::uint32_t refused);

  /// A close is on its way, and nothing may follow it (RFC 6455, section 5.5.1).
  bool ending() const;
  void send_close();
  void leave_live_fanout(row_id cursor);
  void queue_busy() override;
  void queue_full() override;
  void queue_wrote(std::size_t bytes, std::uint32_t messages) override;
  void queue_idle() override;
  void queue_closing() override;

  lane& lane_;
  hub& hub_;
  write_queue queue_; ///< The same as the stream's next layer.
  websocket stream_;
  connection_actor actor_;
  session_ref ref_ = 0;
  uuid id_{};
  const std::string room_;
  const client client_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  row_id cursor_ = 0;
  std::string frame_;               ///< Of the frame that is being read.
  std::string replies_before_init_; ///< Replies that wait for `init`.
  gauge_share outbox_{&lane_.memory().outboxes};
  frame_volume unsettled_; ///< Handed over, and not dealt with.
  std::unique_ptr<boost::beast::websocket::close_reason> close_frame_; ///< Ours.
  std::uint8_t fragments_ = 0; ///< Of frames, since one was charged.
  bool accepted_ = false;      ///< Beast has answered the upgrade, and may have closed since.
  bool init_sent_ = false;     ///< `init` is out, or in the queue.
  bool deflates_ = false;      ///< So it was agreed.
  bool waits_to_read_ = false, catching_up_ = false, slow_ = false, ended_ = false;
  bool pinged_ = false; ///< And not heard since.
  lane::clock::time_point last_received_;
  lane::clock::time_point penalty_until_; ///< When all refused frames will be.
  std::shared_ptr<const void> slot_;
};

} // namespace hubbub
