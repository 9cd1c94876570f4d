// A snapshot of the state of the hub, collected from all its parts.
// Knows: which part has which number. Must not know: how a snapshot is shown, and to which client.
#pragma once

#include "actors/hub.hpp"
#include "net/ops/process_stats.hpp"
#include "net/ops/rolling_window.hpp"
#include "net/transport/coroutine.hpp"
#include "net/transport/tls_certificate.hpp"
#include "net/websocket/io_thread.hpp"
#include "storage/database_url.hpp"

namespace hubbub {

struct stats_snapshot {
  database_kind database{};
  bool database_available = false;
  bool older_hub_lives = false; ///< See log_status::older_hub_lives.
  std::int64_t backlog_bytes = 0, backlog_limit_bytes = 0;
  std::chrono::system_clock::time_point started;
  std::chrono::steady_clock::duration up{};
  std::size_t connections = 0;
  std::uint64_t opened = 0; ///< Connections since the start.
  row_id newest = 0;
  std::optional<fork_report> last_fork;
  room_stats people;
  counter_values ever;           ///< Since the start.
  rolling_window::window lately; ///< In the last ten seconds.
  slow_readers slow;
  struct {
    std::size_t limit = 0; ///< 0: no limit.
    pressure level{};
    std::int64_t tails = 0, history = 0, outboxes = 0, frames = 0;
  } memory;
  process_stats process;
  std::optional<std::chrono::system_clock::time_point> certificate_expires_at; ///< Only under TLS.
};

/// Collects snapshots without visiting all sessions: events are counted where they happen and
/// summed up here, the broadcaster keeps the fullest rooms in order, and each I/O thread lists its
/// slow readers once a second.
///
/// Threads: all calls may come from any thread, once the constructor has returned. Lifetime: made
/// before the I/O threads run. It lives longer than the actors, which may call back until they end,
/// and the hub and the I/O threads live longer than its calls.
class stats_collector {
public:
  /// The settings of the hub that a snapshot shows.
  struct settings {
    database_kind database{};
    std::shared_ptr<const tls_certificate> certificate; ///< Null without TLS.
  };

  /// `connections` returns the number of WebSockets; it is called from any thread.
  stats_collector(settings with, hub& actors, io_threads& threads,
                  std::function<std::size_t()> connections);

  std::size_t connections() const { return connections_(); }

  /// Returns a snapshot as text. `render` is called on a thread of the actors; the coroutine goes
  /// on in `where`.
  awaitable<std::string> render_snapshot(std::string (*render)(const stats_snapshot&),
                                         boost::asio::io_context& where);

  /// Returns the newest sessions before the given one, newest first, `limit` at most. Each I/O
  /// thread visits `limit` of its sessions at most.
  awaitable<std::vector<session_info>> request_sessions(session_ref before, std::size_t limit,
                                                        boost::asio::io_context& where);

private:
  stats_snapshot collect() const;

  const settings settings_;
  hub& hub_;
  io_threads& io_threads_;
  std::function<std::size_t()> connections_;
  rolling_window recent_;
  process_meter process_;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  const std::chrono::steady_clock::time_point up_since_ = std::chrono::steady_clock::now();
};

} // namespace hubbub
