#include "net/ops/stats_snapshot.hpp"

#include "net/transport/await_callback.hpp"
#include "storage/thread_safety.hpp"

namespace hubbub {

namespace {

namespace asio = boost::asio;

/// Returns the newest `limit` of all sessions, newest first.
std::vector<session_info> newest_of(std::vector<session_info> all, std::size_t limit) {
  std::sort(all.begin(), all.end(),
            [](const session_info& a, const session_info& b) { return a.number > b.number; });
  if (all.size() > limit)
    all.resize(limit);
  return all;
}

/// Collects the answers of all I/O threads.
/// Threads: all calls may come from any thread. Lifetime: shared by the requests.
class session_list {
public:
  session_list(std::size_t answers, std::size_t limit,
               resume_with<std::vector<session_info>> when_done)
      : limit_(limit), missing_(answers), done_(std::move(when_done)) {}

  /// The last answer completes the operation.
  void add(std::vector<session_info> part) {
    const mutex_lock lock(mutex_);
    all_.insert(all_.end(), std::make_move_iterator(part.begin()),
                std::make_move_iterator(part.end()));
    if (--missing_ == 0)
      done_(newest_of(std::move(all_), limit_));
  }

private:
  const std::size_t limit_; ///< Constant after construction.

  annotated_mutex mutex_;
  std::vector<session_info> all_ HUBBUB_GUARDED_BY(mutex_);
  std::size_t missing_ HUBBUB_GUARDED_BY(mutex_); ///< Answers.
  resume_with<std::vector<session_info>> done_ HUBBUB_GUARDED_BY(mutex_);
};

} // namespace

stats_collector::stats_collector(settings with, hub& actors, io_threads& threads,
                                 std::function<std::size_t()> connections)
    : settings_(std::move(with)), hub_(actors), io_threads_(threads),
      connections_(std::move(connections)), recent_(actors.counters(), threads.front()->context()) {
}

/// Returns everything except the numbers of the actors and of the process.
stats_snapshot stats_collector::collect() const {
  stats_snapshot out;
  const auto& ingress = hub_.ingress();
  const auto& counted = hub_.counters();
  out.database = settings_.database;
  out.database_available = ingress.log().available();
  out.older_hub_lives = ingress.log().older_hub_lives();
  out.backlog_bytes = ingress.used();
  out.backlog_limit_bytes = ingress.limit();
  out.started = started_;
  out.up = std::chrono::steady_clock::now() - up_since_;
  out.connections = connections_();
  out.opened = counted.sessions_opened();
  out.newest = counted.newest;
  out.last_fork = ingress.log().last_fork();
  out.ever = counted.sum();
  out.lately = recent_.window_until(out.ever);
  if (settings_.certificate)
    out.certificate_expires_at = settings_.certificate->expires_at();
  const auto& memory = hub_.memory();
  out.memory = {memory.limit(), memory.level(),  memory.tails,
                memory.history, memory.outboxes, memory.frames};
  for (const auto& each : io_threads_) {
    auto part = each->slow();
    out.slow.count += part.count;
    out.slow.lag.messages += part.lag.messages;
    out.slow.lag.bytes += part.lag.bytes;
    out.slow.worst.insert(out.slow.worst.end(), part.worst.begin(), part.worst.end());
  }
  keep_worst(out.slow.worst);
  return out;
}

awaitable<std::string>
stats_collector::render_snapshot(std::string (*render)(const stats_snapshot&),
                                 asio::io_context& where) {
  co_return co_await await_callback<std::string>(where, [&](resume_with<std::string> done) {
    // The hub may be ending when the actors answer, so its other numbers are read now.
    const auto now = std::make_shared<stats_snapshot>(collect());
    hub_.request_room_stats([this, done, now, render](const room_stats& people) {
      now->people = people;
      now->process = process_.read();
      done(render(*now));
    });
  });
}

awaitable<std::vector<session_info>>
stats_collector::request_sessions(session_ref before, std::size_t limit, asio::io_context& where) {
  using sessions = std::vector<session_info>;
  co_return co_await await_callback<sessions>(where, [&](resume_with<sessions> done) {
    const auto all = std::make_shared<session_list>(io_threads_.size(), limit, std::move(done));
    for (const auto& each : io_threads_)
      each->request_sessions(before, limit, [all](sessions part) { all->add(std::move(part)); });
  });
}

} // namespace hubbub
