// Accepts connections, and stops the hub in order.
// Knows: limits on connections, and the steps of a stop. Must not know: HTTP, what messages mean.
#pragma once

#include "actors/hub.hpp"
#include "net/server/http_session.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace hubbub {

/// Listens from construction on, so that its port is known, and accepts from `start` on, on a
/// thread of its own. A connection goes to the next I/O thread that is not stalled. If all are
/// stalled, the gateway's own thread serves its HTTP, so that /health always answers.
/// Threads: `start`, `stop`, `end` and the destructor from the thread that made the gateway;
/// `port`, `connections` and `heartbeat_of_thread` from any thread.
/// Lifetime: the settings and the I/O threads outlive the gateway. The gateway outlives the hub,
/// and `end` is called while the hub lives.
class gateway {
public:
  /// Throws std::runtime_error with one sentence for the operator if it cannot listen.
  gateway(const options& settings, io_threads& threads);
  ~gateway();

  std::uint16_t port() const { return port_; }

  void start(hub& actors);

  /// Stops the hub in order, in at most nine seconds; HTTP is served all the while:
  /// 1. Is not ready any more, refuses upgrades, and gives load balancers a second to notice.
  /// 2. Stops reading, and waits until the frames and publications that were read are stored and
  ///    shown, and at most a second more until the publications are answered.
  /// 3. Sends each client a close frame with the time to return, and waits for the answers.
  ///
  /// Returns true if all accepted messages were stored and given to the sinks in time. Must not be
  /// called from an I/O thread.
  bool stop();

  /// Ends the thread: nothing is accepted or served any more. Must be called while the hub lives.
  void end();

  std::shared_ptr<const heartbeat> heartbeat_of_thread() const { return heartbeat_; }
  std::size_t connections() const { return limiter_->websockets(); }

private:
  using tcp = boost::asio::ip::tcp;

  awaitable<void> accept();
  awaitable<void> beat();
  bool accept_pending();
  void refuse(tcp_socket socket, boost::asio::io_context& context,
              std::shared_ptr<connection_limiter::slot> slot);
  io_thread* next_responsive_thread();

  // Constant after construction.
  const options& settings_;
  io_threads& io_threads_;
  const std::shared_ptr<heartbeat> heartbeat_ = std::make_shared<heartbeat>("door");
  std::uint16_t port_ = 0;

  // Set by `start`, before the thread begins.
  std::thread thread_;
  hub* hub_ = nullptr; ///< Outlives the thread, which `end` ends.

  // Used by all threads that serve HTTP; each is safe for use by several threads.
  shutdown_state shutdown_;
  const std::shared_ptr<unanswered_requests> unanswered_ = std::make_shared<unanswered_requests>();
  client_quotas quotas_;
  const std::shared_ptr<connection_limiter> limiter_;

  // Set by `start`, then used by all threads that serve HTTP.
  std::optional<http_endpoints> endpoints_;
  std::optional<http_session> http_session_;

  // Used on the gateway's thread only.
  std::size_t next_io_thread_ = 0;
  /// Destroyed before the members above, which its operations use.
  boost::asio::io_context context_;
  boost::asio::basic_socket_acceptor<tcp, io_executor> acceptor_;
};

} // namespace hubbub
