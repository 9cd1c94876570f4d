// One I/O thread and its sessions: the last step of the fan-out.
// Knows: which of its sessions are live in which room. Must not know: what frames mean.
#pragma once

#include "actors/heartbeat.hpp"
#include "actors/hub_counters.hpp"
#include "actors/memory_budget.hpp"
#include "actors/session_sink.hpp"
#include "net/transport/coroutine.hpp"
#include "net/websocket/session_index.hpp"
#include "net/websocket/session_interface.hpp"
#include "storage/thread_safety.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <functional>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace hubbub {

/// Runs in rounds. A round takes all events of the inbox, merges the chunks of each room, and
/// writes them to each session of the room: once, unless the room has more than `limits::merge`
/// bytes or a delivery comes between. The inbox posts one round however many events it holds.
/// Threads: the calls of session_sink and those marked "any thread" may come from any thread, all
/// others from the lane's own thread.
/// Lifetime: outlives the hub's actors and every session; `stop` ends the sessions that are left,
/// and the io_context may keep some until the lane is destroyed.
/// Invariant: a round is posted, planned by `rest_timer_`, or runs while the inbox is not empty.
class lane final : public session_sink {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    /// Bytes that a session may be behind before it leaves the live fan-out.
    std::size_t outbox = 262144;
    std::size_t merge = 131072; ///< Bytes of one write, at most about this many.
    bool deflate = false;       ///< Compress for clients that offer it.
    std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
    clock::duration ping_after = std::chrono::seconds(30);
    clock::duration drop_after = std::chrono::seconds(60);
  };

  /// `name` is the name of the thread and of its heartbeat.
  lane(std::string name, limits l, std::shared_ptr<hub_counters> counters);
  ~lane() override;
  lane(const lane&) = delete;

  void start();
  void stop(); ///< Ends the thread. Called from any other thread.
  boost::asio::io_context& context() { return context_; }
  const limits& limit() const { return limits_; }

  memory_budget& memory() const { return *limits_.memory; }

  /// The present limits of a session: bytes in its outbox, and frames handed over to actors. Both
  /// shrink under memory pressure.
  std::size_t outbox() const;
  frame_volume window() const;

  /// Called when memory is short: sessions that are far behind leave the live fan-out. Any thread.
  void shed();

  /// Beats once a second unless the thread is stalled.
  std::shared_ptr<const heartbeat> heartbeat_of_thread() const { return heartbeat_; }

  /// The sink of the sessions that take compressed frames.
  session_sink& deflated() { return deflated_; }

  // -- session_sink: any thread ------------------------------------------------------------------

  void publish(room_ref room, const chunk& batch, const batch_credit& credit) override;
  void deliver(session_ref to, room_ref room, delivery what) override;
  void reply(session_ref to, std::string bytes, frame_volume settled,
             std::uint32_t refused) override;
  void close_all(std::uint16_t code, std::size_t first, std::size_t step) override;

  /// Called when the ingress budget has space: the sessions that wait for it read on. Any thread.
  void wake();

  /// From now on no session takes another frame. Any thread.
  void stop_reading();
  bool reading() const { return reading_; }

  /// Frames that were handed to actors and have no reply yet. Any thread.
  std::atomic<std::int64_t> unsettled = 0;

  /// The slow readers of the last tick, which is at most about a second ago. Any thread.
  slow_readers slow() const;

  /// Calls `answer` on the lane's thread with at most `limit` sessions with references below
  /// `before`, newest first. Any thread.
  void request_sessions(session_ref before, std::size_t limit,
                        std::function<void(std::vector<session_info>)> answer);

  // -- the lane's thread --------------------------------------------------------------------------

  session_ref add(std::shared_ptr<session_interface> s);
  void remove(session_ref ref);

  /// Adds a session to a room's live fan-out, and removes it. A session is in at most one room.
  void join_room(room_ref room, session_interface& s);
  void leave_room(session_interface& s);

  /// Must be called when a session's queue becomes empty or not empty. The lane offers frames to a
  /// busy session, which queues them, and writes to the socket of a session that is not busy.
  void set_busy(session_interface& s, bool busy);

  /// Must be called when a session becomes slow, because its socket is full, or has caught up.
  void set_slow(session_interface& s, bool slow);

  /// Counts what a session has written by itself.
  void count_written(std::size_t bytes, std::uint32_t messages);

  hub_counters& counters() { return *counters_; }

  /// `resume_reading` of the session is called in the next round or tick, or when the ingress
  /// budget has room.
  void wait_for_budget(session_ref ref) { waiting_for_budget_.insert(ref); }

  /// `release_output` of the session is called after one to two seconds.
  void release_output_soon(session_ref ref) { holding_.push_back(ref); }

  /// The session is closed with code 4401 at that time, when its token expires.
  void expires_at(session_ref ref, std::chrono::system_clock::time_point when) {
    token_expiry_[ref] = when;
  }

  clock::time_point now() const { return now_; } ///< The time of the last tick: 1 s resolution.

private:
  /// Uses the lane's inbox. In the lane the compressed frames of a room form a room of their own,
  /// whose reference has the highest bit set.
  /// Lifetime: a member of its lane.
  class compressed_side final : public session_sink {
  public:
    explicit compressed_side(lane& of) : lane_(of) {}
    bool deflates() const override { return true; }
    void publish(room_ref room, const chunk& batch, const batch_credit& credit) override {
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
    batch_credit credit;
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
    int fd;                     ///< Negative while the session is busy, and always under TLS.
    session_interface* session; ///< Leaves the room before it ends.
  };
  struct room {
    std::vector<member> members;
    row_id shown = 0;           ///< The last row that was sent to the room.
    std::uint64_t sent = 0;     ///< Messages since the room was added to `rooms_`.
    std::vector<chunk> waiting; ///< Taken in this round and not sent yet.
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

  // Constant after construction.
  const limits limits_;
  const std::shared_ptr<hub_counters> counters_;
  const std::shared_ptr<heartbeat> heartbeat_;
  compressed_side deflated_{*this};

  boost::asio::io_context context_; ///< Its destructor may destroy sessions, which use the above.
  boost::asio::executor_work_guard<io_executor> work_;
  io_timer rest_timer_, tick_timer_; ///< Used on the lane's thread only.
  std::thread thread_;

  annotated_mutex mutex_;
  std::vector<event> inbox_ HUBBUB_GUARDED_BY(mutex_);
  bool posted_ HUBBUB_GUARDED_BY(mutex_) = false; ///< A round is posted, rests, or runs.

  mutable annotated_mutex slow_mutex_;
  slow_readers slow_snapshot_ HUBBUB_GUARDED_BY(slow_mutex_);

  std::atomic<bool> reading_ = true;

  // Used on the lane's thread only.
  std::vector<event> current_events_; ///< Of this round.
  std::vector<room_ref> unsent_;      ///< Rooms with waiting chunks.
  std::unordered_map<room_ref, room> rooms_;
  std::vector<room_ref> empty_rooms_; ///< Erased at the end of the round.
  std::unordered_map<session_ref, std::shared_ptr<session_interface>> sessions_;
  session_index<session_interface> session_index_; ///< The same sessions.
  std::unordered_set<session_ref> waiting_for_budget_;
  std::unordered_map<session_ref, std::chrono::system_clock::time_point> token_expiry_;
  /// The sessions that hold back their answer: added since the last tick; added before it.
  std::vector<session_ref> holding_, holding_longer_;
  /// When each slow session became slow. A session removes itself before it ends.
  std::unordered_map<session_interface*, clock::time_point> slow_;
  clock::time_point now_, silence_checked_at_;
};

using lanes = std::vector<std::unique_ptr<lane>>;

} // namespace hubbub
