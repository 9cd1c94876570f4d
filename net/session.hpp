// One WebSocket: its handshake, its read loop, its outbox, its end.
// Knows: RFC 6455 through Beast, its window, its cursor. Must not know: JSON, the roster, the
// database.
#pragma once

#include "actors/hub.hpp"
#include "net/addresses.hpp"
#include "net/http_message.hpp"
#include "net/lane.hpp"
#include "net/reader.hpp"
#include "net/token.hpp"
#include "net/websocket.hpp"
#include "net/ws_query.hpp"

namespace hubbub {

/// Reads a frame only while its outbox is under the limit, its window is open, and the intake is.
/// Lives in its lane from `start` to the end of the connection; all on the lane's thread.
class session final : public pipe::owner, public std::enable_shared_from_this<session> {
public:
  static constexpr std::size_t max_frame = 16 * 1024;

  /// Answers the upgrade and begins. Gives its place back when the connection is over.
  static void start(lane& where, hub& actors, pipe to, const http_request& request, ws_query asked,
                    pass who, caller from, std::shared_ptr<const void> place);

  session(lane& where, hub& actors, pipe to, std::string room, caller from,
          std::shared_ptr<const void> place);

  // -- what the lane says -------------------------------------------------------------------------

  void deliver(room_ref room, delivery what);
  void reply(std::string bytes, load settled, std::uint32_t refused);

  /// The socket took only so many of these bytes; `shown` is the row before them.
  void send_rest(const chunk& what, std::size_t sent, row_id shown);

  /// More live frames that go through the queue; `shown` is the row before them. If they do not
  /// fit, the session leaves the fan-out and comes back from its cursor when its queue is empty.
  /// True: they are written, and all before them.
  bool offer(const chunk& what, row_id shown);

  /// Memory is short: if much waits for it, it comes back for it as if it had not fitted.
  void shed();

  void go_on();

  /// Over and done, without a word to the peer. Also when the lane's thread is no more.
  void end(boost::system::error_code why = {});

  /// The answer to the upgrade has waited long enough for `init`.
  void release();
  void close(std::uint16_t code, const std::string& reason);

  lane::clock::time_point silent_since() const { return heard_; }
  void check_silence();

  const uuid& id() const { return id_; }
  lag behind() const;

  /// But for what was sent to its room since it was seated.
  reader as_reader() const;

  /// Where the lane may write past the pipe while that is empty; negative: nowhere.
  int fd() const { return socket_.descriptor(); }

  /// Where the lane has seated it; the lane's to write.
  struct {
    room_ref room = 0;
    std::size_t index = 0;
    std::uint64_t sent = 0; ///< To the room, before.
  } seat;
  std::uint64_t sent = 0; ///< Messages, but for those since it was seated.

private:
  void read();
  void read_some();
  void take(std::string text);
  bool may_read() const;

  /// What one more frame of this address is.
  enum class toll { paid, owed, closed };
  toll charge();

  /// So many more frames may be refused, and not the whole connection.
  bool forgives(std::uint32_t refused);

  /// A close is on its way, and nothing may follow it (RFC 6455, section 5.5.1).
  bool over() const;
  void say_farewell();
  void fall_behind(row_id cursor);
  void pipe_busy() override;
  void pipe_full() override;
  void pipe_wrote(std::size_t bytes, std::uint32_t messages) override;
  void pipe_idle() override;
  void pipe_closing() override;

  lane& lane_;
  hub& hub_;
  pipe socket_; ///< The same as the stream's next layer.
  websocket stream_;
  connection_actor actor_;
  session_ref ref_ = 0;
  uuid id_{};
  const std::string room_;
  const caller from_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  row_id cursor_ = 0;
  std::string text_;  ///< Of the frame that is being read.
  std::string early_; ///< Replies that wait for `init`.
  stake outbox_{&lane_.memory().outboxes};
  load unsettled_; ///< Handed over, and not dealt with.
  std::unique_ptr<boost::beast::websocket::close_reason> farewell_; ///< Ours.
  std::uint8_t parts_ = 0; ///< Of frames, since one was charged.
  bool open_ = false;      ///< Beast has answered the upgrade, and may have closed since.
  bool greeted_ = false;   ///< `init` is out, or in the queue.
  bool deflates_ = false;  ///< So it was agreed.
  bool waits_to_read_ = false, catching_up_ = false, slow_ = false, ended_ = false;
  bool pinged_ = false; ///< And not heard since.
  lane::clock::time_point heard_;
  lane::clock::time_point forgiven_; ///< When all refused frames will be.
  std::shared_ptr<const void> place_;
};

} // namespace hubbub
