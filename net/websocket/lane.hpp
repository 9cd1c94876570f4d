// One io thread and its sessions: the last hop of the fan-out.
// Knows: which of its sessions are live in which room. Must not know: what frames mean.
#pragma once

#include "actors/heartbeat.hpp"
#include "actors/hub_counters.hpp"
#include "actors/memory_budget.hpp"
#include "actors/session_sink.hpp"
#include "net/transport/coroutine.hpp"
#include "net/websocket/session_index.hpp"
#include "net/websocket/session_interface.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace hubbub {

/// One inbox, one post a round, one write a session a room a round: whatever waits in the inbox is
/// merged. Everything but the session_sink's calls happens on the lane's own thread.
class lane final : public session_sink {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t outbox =
        262144; ///< Bytes a session may be behind before it leaves the live fan-out.
    std::size_t merge = 131072; ///< At most about this much in one write.
    bool deflate = false;       ///< Compress, where the client offers it.
    std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
    clock::duration ping_after = std::chrono::seconds(30);
    clock::duration drop_after = std::chrono::seconds(60);
  };

  /// The thread and its heartbeat bear the name.
  lane(std::string name, limits l, std::shared_ptr<hub_counters> counters);
  ~lane() override;
  lane(const lane&) = delete;

  void start();
  void stop(); ///< Ends the thread; any other thread calls it.
  boost::asio::io_context& context() { return context_; }
  const limits& limit() const { return limits_; }

  memory_budget& memory() const { return *limits_.memory; }

  /// Bytes that a session may be behind now, and what it may have handed over.
  std::size_t outbox() const;
  frame_volume window() const;

  /// Memory is short: readers who are far behind leave the live fan-out. Any thread.
  void shed();

  /// Beats once a second while the thread gets round to it.
  std::shared_ptr<const heartbeat> heartbeat_of_thread() const { return heartbeat_; }

  /// For sessions that take compressed frames. As this session_sink otherwise.
  session_sink& deflated() { return deflated_; }

  // -- session_sink: any thread
  // -------------------------------------------------------------------------

  void publish(room_ref room, const chunk& batch, const ingress_credit& credit) override;
  void deliver(session_ref to, room_ref room, delivery what) override;
  void reply(session_ref to, std::string bytes, frame_volume settled,
             std::uint32_t refused) override;
  void close_all(std::uint16_t code, std::size_t first, std::size_t step) override;

  /// The ingress_budget has opened: sessions that wait for it read on.
  void wake();

  /// From now on no session reads another frame.
  void stop_reading();
  bool reading() const { return reading_; }

  /// Frames that were handed to actors and not yet dealt with. Any thread.
  std::atomic<std::int64_t> unsettled = 0;

  /// As of the last second. Any thread.
  slow_readers slow() const;

  /// Calls back, on the lane's thread, with the newest that came before this one, newest first.
  void request_sessions(session_ref before, std::size_t limit,
                        std::function<void(std::vector<session_info>)> answer);

  // -- the lane's thread --------------------------------------------------------------------------

  session_ref add(std::shared_ptr<session_interface> s);
  void remove(session_ref ref);

  /// Into a room's live fan-out, and out of it. A session is in one room at most.
  void join_room(room_ref room, session_interface& s);
  void leave_room(session_interface& s);

  /// A live session's queue is not empty (its frames must queue too), or is empty again.
  void set_busy(session_interface& s, bool busy);

  /// The session's socket takes nothing more, or does again and the session is where it was.
  void set_slow(session_interface& s, bool slow);

  /// So much was written by a session itself.
  void count_written(std::size_t bytes, std::uint32_t messages);

  hub_counters& counters() { return *counters_; }

  /// The session waits for the ingress budget; it is asked to go on when that opens.
  void wait_for_budget(session_ref ref) { waiting_for_budget_.insert(ref); }

  /// A session that holds its answer back lets it go in a second or two, whatever happens.
  void release_output_soon(session_ref ref) { holding_.push_back(ref); }

  /// The session's token ends then, and the connection with it, with 4401.
  void expires_at(session_ref ref, std::chrono::system_clock::time_point when) {
    token_expiry_[ref] = when;
  }

  clock::time_point now() const { return now_; } ///< To about a second.

private:
  /// The same inbox; a room's compressed side is a room of its own here.
  class compressed_side final : public session_sink {
  public:
    explicit compressed_side(lane& of) : lane_(of) {}
    bool deflates() const override { return true; }
    void publish(room_ref room, const chunk& batch, const ingress_credit& credit) override {
      lane_.publish(room | side, batch, credit);
    }
    void deliver(session_ref to, room_ref room, delivery what) override {
      lane_.deliver(to, room | side, std::move(what));
    }
    void reply(session_ref to, std::string bytes, frame_volume settled,
               std::uint32_t refused) override {
      lane_.reply(to, std::move(bytes), settled, refused);
    }
    void close_all(std::uint16_t code, std::size_t first, std::size_t step) override {
      lane_.close_all(code, first, step);
    }

  private:
    static constexpr room_ref side = room_ref{1} << 63;
    lane& lane_;
  };

  struct publication {
    room_ref room;
    chunk what;
    ingress_credit credit;
  };
  struct delivered {
    session_ref to;
    room_ref room;
    delivery what;
  };
  struct replied {
    session_ref to;
    std::string bytes;
    frame_volume settled;
    std::uint32_t refused;
  };
  struct closing {
    std::uint16_t code;
    std::size_t first, step;
  };
  using event = std::variant<publication, delivered, replied, closing>;

  struct member {
    int fd; ///< Negative while the session is busy, and under TLS.
    session_interface* session;
  };
  struct room {
    std::vector<member> members;
    row_id shown = 0;
    std::uint64_t sent = 0;     ///< Messages, ever.
    std::vector<chunk> waiting; ///< Of this round.
    std::size_t waiting_bytes = 0;
  };

  void enqueue(event e);
  void round();
  void handle(publication& p);
  void handle(delivered& d);
  void handle(replied& r);
  void handle(closing& c);
  void send(room& to);
  void send_waiting();
  void tick();
  void update_slow_readers();
  void resume_waiting_sessions();
  void close_expired();
  void erase_empty_rooms();

  const limits limits_;
  const std::shared_ptr<hub_counters> counters_;
  const std::shared_ptr<heartbeat> heartbeat_;
  compressed_side deflated_{*this};
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<io_executor> work_;
  io_timer rest_timer_, tick_timer_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<event> inbox_; ///< Guarded by the mutex, as is posted_.
  bool posted_ = false;

  std::atomic<bool> reading_ = true;
  std::vector<event> current_events_;
  std::vector<room_ref> unsent_;
  std::unordered_map<room_ref, room> rooms_;
  std::unordered_map<session_ref, std::shared_ptr<session_interface>> sessions_;
  std::unordered_set<session_ref> waiting_for_budget_;
  std::unordered_map<session_ref, std::chrono::system_clock::time_point> token_expiry_;
  std::vector<session_ref> holding_, holding_longer_;
  std::vector<room_ref> empty_rooms_;
  session_index<session_interface> session_index_;
  std::unordered_map<session_interface*, clock::time_point> slow_;
  mutable std::mutex slow_mutex_;
  slow_readers slow_snapshot_; ///< Guarded by it.
  clock::time_point now_, silence_checked_at_;
};

using lanes = std::vector<std::unique_ptr<lane>>;

} // namespace hubbub
