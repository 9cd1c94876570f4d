// How a hub is at a moment, put together from all who know a part of it.
// Knows: whom to ask. Must not know: how it is shown, and to whom.
#pragma once

#include "actors/hub.hpp"
#include "net/ops/process_stats.hpp"
#include "net/ops/rolling_window.hpp"
#include "net/transport/coroutine.hpp"
#include "net/transport/tls_certificate.hpp"
#include "net/websocket/lane.hpp"
#include "storage/database_url.hpp"

namespace hubbub {

struct stats_snapshot {
  database_kind database{};
  bool database_available = false;
  std::int64_t backlog_bytes = 0, backlog_limit_bytes = 0;
  std::chrono::system_clock::time_point started;
  std::chrono::steady_clock::duration up{};
  std::size_t connections = 0;
  std::uint64_t opened = 0; ///< Connections, ever.
  row_id newest = 0;
  room_stats people;
  counter_values ever;
  rolling_window::window lately;
  slow_readers slow;
  struct {
    std::size_t limit = 0; ///< 0: none.
    pressure level{};
    std::int64_t tails = 0, history = 0, outboxes = 0;
  } memory;
  process_stats process;
  std::optional<std::chrono::system_clock::time_point> certificate_expires_at; ///< Under TLS.
};

/// Nobody walks over all sessions for a survey: what changes often is counted where it happens and
/// summed up here, the fullest rooms are kept in order by the broadcaster, slow readers are looked
/// at by their lanes once a second.
class stats_collector {
public:
  /// What the hub was started with.
  struct settings {
    database_kind database{};
    std::shared_ptr<const tls_certificate> certificate; ///< None: in the clear.
  };

  /// To be made before the lanes run, and to live longer than the actors.
  stats_collector(settings with, hub& actors, lanes& threads,
                  std::function<std::size_t()> connections);

  std::size_t connections() const { return connections_(); }

  /// A survey, rendered on one of the actors' threads.
  awaitable<std::string> render_snapshot(std::string (*render)(const stats_snapshot&),
                                         boost::asio::io_context& where);

  /// The newest connections of those that came before this one, newest first. Each lane looks at
  /// `limit` of its own at most.
  awaitable<std::vector<session_info>> request_sessions(session_ref before, std::size_t limit,
                                                        boost::asio::io_context& where);

private:
  stats_snapshot collect() const;

  const settings settings_;
  hub& hub_;
  lanes& lanes_;
  std::function<std::size_t()> connections_;
  rolling_window recent_;
  process_meter process_;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  const std::chrono::steady_clock::time_point up_since_ = std::chrono::steady_clock::now();
};

} // namespace hubbub
