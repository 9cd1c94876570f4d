// One I/O thread: its inbox of events from the actors, its rounds, its timers.
// Knows: the order of events. Must not know: what frames mean, what a session does with an event.
#pragma once

#include "actors/heartbeat.hpp"
#include "net/transport/coroutine.hpp"
#include "net/websocket/expiry_list.hpp"
#include "net/websocket/session_fanout.hpp"
#include "net/websocket/session_registry.hpp"
#include "storage/thread_safety.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <thread>
#include <variant>

namespace hubbub {

/// Runs in rounds. A round takes all events of the inbox and then sends what the live fan-out has
/// merged. The inbox posts one round however many events it holds.
/// Threads: the calls of session_sink and those marked "any thread" may come from any thread, all
/// others from the I/O thread itself.
/// Lifetime: outlives the hub's actors and every session; `stop` ends the sessions that are left,
/// and the io_context may keep some until the I/O thread is destroyed.
/// Invariant: a round is posted, planned by `rest_timer_`, or runs while the inbox is not empty.
class io_thread final : public session_sink {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    /// Bytes that a session may be behind before it leaves the live fan-out.
    std::size_t outbox = 262144;
    std::size_t merge = 131072;  ///< Bytes of one write, at most about this many.
    bool deflate = false;        ///< Compress for clients that offer it.
    std::size_t max_data = 8192; ///< Bytes of data by which a frame may exceed session::max_frame.
    std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
    clock::duration ping_after = std::chrono::seconds(30);
    clock::duration drop_after = std::chrono::seconds(60);
  };

  /// `name` is the name of the thread and of its heartbeat.
  io_thread(std::string name, limits l, std::shared_ptr<hub_counters> counters);
  ~io_thread() override;
  io_thread(const io_thread&) = delete;

  void start();
  void stop(); ///< Ends the thread. Called from any other thread.
  boost::asio::io_context& context() { return context_; }
  const limits& limit() const { return limits_; }
  memory_budget& memory() const { return *limits_.memory; }
  hub_counters& counters() { return *counters_; }

  /// The present limits of a session: bytes in its outbox, and frames handed over to actors. Both
  /// shrink under memory pressure.
  std::size_t outbox() const;
  frame_volume window() const;

  /// Called when memory is short: sessions that are far behind leave the live fan-out. Any thread.
  void shed();

  /// Beats once a second unless the thread is stalled.
  std::shared_ptr<const heartbeat> heartbeat_of_thread() const { return heartbeat_; }

  // -- session_sink: any thread ------------------------------------------------------------------

  void publish(room_ref room, encoding how, const chunk& batch,
               const batch_credit& credit) override;
  void deliver(session_ref to, subscription_ref of, room_ref room, delivery what) override;
  void reply(session_ref to, std::string bytes, frame_volume settled,
             std::uint32_t refused) override;
  void notify(session_ref to, subscription_ref of, std::string bytes) override;
  void subscribe(session_ref to, subscription_ref of, frame_volume settled) override;
  void unsubscribe(session_ref to, subscription_ref of, std::string bytes,
                   frame_volume settled) override;
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

  /// Calls `answer` on the I/O thread with at most `limit` sessions with references below `before`,
  /// newest first. Any thread.
  void request_sessions(session_ref before, std::size_t limit,
                        std::function<void(std::vector<session_info>)> answer);

  // -- the I/O thread -----------------------------------------------------------------------------

  session_registry& sessions() { return sessions_; }
  session_fanout& fanout() { return fanout_; }

  /// A session is closed with code 4401 at its time, when its token expires.
  expiry_list& expiry() { return expiry_; }

private:
  struct publication {
    channel to;
    chunk what;
    batch_credit credit;
  };
  struct delivered {
    session_ref to;
    subscription_ref of;
    room_ref room;
    delivery what;
  };
  struct replied {
    session_ref to;
    std::string bytes;
    frame_volume settled;
    std::uint32_t refused;
  };
  struct notice {
    session_ref to;
    subscription_ref of;
    std::string bytes;
  };
  struct subscribing {
    session_ref to;
    subscription_ref of;
    frame_volume settled;
  };
  struct unsubscribing {
    session_ref to;
    subscription_ref of;
    std::string bytes;
    frame_volume settled;
  };
  struct closing {
    std::uint16_t code;
    std::size_t first, step;
  };
  using event =
      std::variant<publication, delivered, replied, notice, subscribing, unsubscribing, closing>;

  void enqueue(event e);
  void round();
  void handle(publication& p);
  void handle(delivered& d);
  void handle(replied& r);
  void handle(notice& n);
  void handle(const subscribing& s);
  void handle(unsubscribing& u);
  void handle(closing& c);
  void tick();
  void follow_head();

  // Constant after construction.
  const limits limits_;
  const std::shared_ptr<hub_counters> counters_;
  const std::shared_ptr<heartbeat> heartbeat_;

  boost::asio::io_context context_; ///< Its destructor may destroy sessions, which use the above.
  boost::asio::executor_work_guard<io_executor> work_;
  io_timer rest_timer_, tick_timer_; ///< Used on the I/O thread only.
  std::thread thread_;

  annotated_mutex mutex_;
  std::vector<event> inbox_ HUBBUB_GUARDED_BY(mutex_);
  bool posted_ HUBBUB_GUARDED_BY(mutex_) = false; ///< A round is posted, rests, or runs.

  mutable annotated_mutex slow_mutex_;
  slow_readers slow_snapshot_ HUBBUB_GUARDED_BY(slow_mutex_);

  std::atomic<bool> reading_ = true;

  // Used on the I/O thread only.
  std::vector<event> current_events_; ///< Of this round.
  session_fanout fanout_;
  session_registry sessions_;
  expiry_list expiry_;
  clock::time_point silence_checked_at_;
};

using io_threads = std::vector<std::unique_ptr<io_thread>>;

} // namespace hubbub
