// The front door: accepts sockets, and closes in order.
// Knows: limits on who comes in, and the steps of a stop. Must not know: HTTP, what messages mean.
#pragma once

#include "actors/hub.hpp"
#include "net/server/http_session.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace hubbub {

/// Listens from construction on, so that its port is known; accepts from `start` on, on a thread of
/// its own: whoever comes goes to the next io thread that gives signs of life, and is served HTTP
/// right here if there is none. So /health answers whichever thread is stalled.
class gateway {
public:
  /// Throws std::runtime_error, with one sentence for the operator, if it cannot listen.
  gateway(const options& settings, lanes& threads);
  ~gateway();

  std::uint16_t port() const { return port_; }

  void start(hub& actors);

  /// Is no longer ready, and lets no more WebSockets in; gives balancers a moment to see that, if
  /// anybody is here; stops reading, waits until what was read is stored and shown, tells every
  /// client when to come back, and waits until they have left. HTTP is served all the while. False:
  /// something that was accepted, and was neither shown nor acknowledged, is not stored. Takes at
  /// most nine seconds. Called from a thread that is no lane's.
  bool stop();

  /// Accepts and serves no more. To be called while the hub lives.
  void end();

  std::shared_ptr<const heartbeat> heartbeat_of_thread() const { return heartbeat_; }
  std::size_t connections() const { return limiter_->taken(); }

private:
  using tcp = boost::asio::ip::tcp;

  awaitable<void> accept();
  awaitable<void> beat();
  bool accept_pending();
  lane* next_responsive_lane();

  const options& settings_;
  lanes& lanes_;
  const std::shared_ptr<heartbeat> heartbeat_ = std::make_shared<heartbeat>("door");
  std::thread thread_;
  std::size_t next_lane_ = 0; ///< Whose it is among the lanes.
  std::uint16_t port_ = 0;
  hub* hub_ = nullptr;
  std::optional<http_endpoints> endpoints_;
  shutdown_state shutdown_;
  client_quotas quotas_;
  const std::shared_ptr<connection_limiter> limiter_;
  std::optional<http_session> http_session_;
  boost::asio::io_context context_; ///< Ends with who waits in it, before what they count in.
  boost::asio::basic_socket_acceptor<tcp, io_executor> acceptor_;
};

} // namespace hubbub
