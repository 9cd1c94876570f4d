#include "net/ops/stats_snapshot.hpp"

#include "net/transport/completion.hpp"

namespace hubbub {

namespace {

namespace asio = boost::asio;

/// Answers of all lanes, until the last one has come.
struct pending_answers {
  std::mutex mutex;
  std::vector<session_info> all;
  std::size_t left;
  completion<std::vector<session_info>> done;
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

stats_collector::stats_collector(settings with, hub& actors, lanes& threads,
                                 std::function<std::size_t()> connections)
    : settings_(std::move(with)), hub_(actors), lanes_(threads),
      connections_(std::move(connections)), recent_(actors.counters(), threads.front()->context()) {
}

/// But for what is asked of actors and of the kernel.
stats_snapshot stats_collector::collect() const {
  stats_snapshot out;
  const auto& ingress = hub_.ingress();
  const auto& counted = hub_.counters();
  out.database = settings_.database;
  out.database_available = ingress.log().available();
  out.backlog_bytes = ingress.used();
  out.backlog_limit_bytes = ingress.limit();
  out.started = started_;
  out.up = std::chrono::steady_clock::now() - up_since_;
  out.connections = connections_();
  out.opened = counted.sessions_opened();
  out.newest = counted.newest;
  out.ever = counted.sum();
  out.lately = recent_.window_until(out.ever);
  if (settings_.certificate)
    out.certificate_expires_at = settings_.certificate->expires_at();
  const auto& memory = hub_.memory();
  out.memory = {memory.limit(), memory.level(), memory.tails, memory.history, memory.outboxes};
  for (const auto& each : lanes_) {
    auto part = each->slow();
    out.slow.count += part.count;
    out.slow.behind.messages += part.behind.messages;
    out.slow.behind.bytes += part.behind.bytes;
    out.slow.worst.insert(out.slow.worst.end(), part.worst.begin(), part.worst.end());
  }
  keep_worst(out.slow.worst);
  return out;
}

awaitable<std::string>
stats_collector::render_snapshot(std::string (*render)(const stats_snapshot&),
                                 asio::io_context& where) {
  co_return co_await asio::async_initiate<const use_awaitable, void(std::string)>(
      [&](auto handler) {
        const auto done =
            std::make_shared<completion<std::string>>(std::move(handler), where.get_executor());
        // The hub may be ending when the answer comes: what is asked of it is asked now.
        const auto now = std::make_shared<stats_snapshot>(collect());
        hub_.request_room_stats([this, done, now, render](const room_stats& people) {
          now->people = people;
          now->process = process_.read();
          (*done)(render(*now));
        });
      },
      use_awaitable{});
}

awaitable<std::vector<session_info>>
stats_collector::request_sessions(session_ref before, std::size_t limit, asio::io_context& where) {
  co_return co_await asio::async_initiate<const use_awaitable, void(std::vector<session_info>)>(
      [&](auto handler) {
        const auto all = std::make_shared<pending_answers>();
        all->left = lanes_.size();
        all->done = {std::move(handler), where.get_executor()};
        for (const auto& each : lanes_)
          each->request_sessions(before, limit, [all, limit](std::vector<session_info> part) {
            const std::lock_guard guard(all->mutex);
            all->all.insert(all->all.end(), std::make_move_iterator(part.begin()),
                            std::make_move_iterator(part.end()));
            if (--all->left == 0)
              all->done(newest_of(std::move(all->all), limit));
          });
      },
      use_awaitable{});
}

} // namespace hubbub
