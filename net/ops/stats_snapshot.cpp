#include "net/ops/stats_snapshot.hpp"

#include "net/transport/await_callback.hpp"

namespace hubbub {

namespace {

namespace asio = boost::asio;

/// The answers of all lanes, which come on the threads of the lanes. Invariant: `left` is the
/// number of lanes that have not answered.
struct gathering {
  std::mutex mutex; ///< Guards the other members.
  std::vector<session_info> all;
  std::size_t left;
};

/// The newest of all, newest first.
std::vector<session_info> newest_of(std::vector<session_info> all, std::size_t limit) {
  std::sort(all.begin(), all.end(),
            [](const session_info& a, const session_info& b) { return a.number > b.number; });
  if (all.size() > limit)
    all.resize(limit);
  return all;
}

} // namespace

stats_collector::stats_collector(setting with, hub& actors, lanes& threads,
                                 std::function<std::size_t()> connections)
    : setting_(std::move(with)), hub_(actors), lanes_(threads),
      connections_(std::move(connections)), recent_(actors.counters(), threads.front()->context()) {
}

/// But for what is asked of actors and of the kernel.
stats_snapshot stats_collector::look() const {
  stats_snapshot out;
  const auto& ingress = hub_.ingress();
  const auto& counted = hub_.counters();
  out.database = setting_.database;
  out.database_well = ingress.log().available();
  out.backlog_bytes = ingress.used();
  out.backlog_limit_bytes = ingress.limit();
  out.started = started_;
  out.up = std::chrono::steady_clock::now() - up_since_;
  out.connections = connections_();
  out.opened = counted.sessions_opened();
  out.newest = counted.newest;
  out.ever = counted.sum();
  out.lately = recent_.until(out.ever);
  if (setting_.shown)
    out.certificate_ends = setting_.shown->ends();
  const auto& memory = hub_.memory();
  out.memory = {memory.limit(), memory.level(), memory.tails, memory.history, memory.outboxes};
  for (const auto& each : lanes_) {
    auto some = each->slow();
    out.slow.count += some.count;
    out.slow.lag.messages += some.lag.messages;
    out.slow.lag.bytes += some.lag.bytes;
    out.slow.worst.insert(out.slow.worst.end(), some.worst.begin(), some.worst.end());
  }
  keep_worst(out.slow.worst);
  return out;
}

awaitable<std::string> stats_collector::ask(std::string (*render)(const stats_snapshot&),
                                            asio::io_context& where) {
  co_return co_await await_callback<std::string>(where, [&](resume_with<std::string> done) {
    // The hub may be ending when the answer comes: what is asked of it is asked now.
    const auto now = std::make_shared<stats_snapshot>(look());
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
    const auto all = std::make_shared<gathering>();
    all->left = lanes_.size();
    for (const auto& each : lanes_)
      each->request_sessions(before, limit, [all, limit, done](sessions some) {
        const std::lock_guard guard(all->mutex);
        all->all.insert(all->all.end(), std::make_move_iterator(some.begin()),
                        std::make_move_iterator(some.end()));
        if (--all->left == 0)
          done(newest_of(std::move(all->all), limit));
      });
  });
}

} // namespace hubbub
