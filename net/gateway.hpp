// The front door: accepts sockets, serves HTTP, upgrades to WebSocket, and closes in order.
// Knows: limits on who comes in, and the steps of a stop. Must not know: what messages mean.
#pragma once

#include "actors/hub.hpp"
#include "net/addresses.hpp"
#include "net/http.hpp"
#include "net/lane.hpp"
#include "net/pipe.hpp"
#include "net/places.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

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

  std::shared_ptr<const heartbeat> sign_of_life() const { return heart_; }
  std::size_t connections() const { return places_.taken(); }

private:
  using tcp = boost::asio::ip::tcp;
  using executor = boost::asio::io_context::executor_type;
  template<class T>
  using awaitable = boost::asio::awaitable<T, executor>;

  awaitable<void> accept();
  awaitable<void> live();
  bool accept_waiting();
  enum class room { to_serve, to_refuse, none };
  room room_for_http() const;
  std::size_t in_http() const;
  std::size_t most_in_http() const;
  lane* living_lane();
  /// Without a lane there are no WebSockets.
  awaitable<void> serve(tcp_socket socket, lane* where, boost::asio::io_context& context,
                        caller from);
  awaitable<bool> secure(line& peer, const caller& from);
  awaitable<void> answer_bad(line& to, boost::system::error_code why);
  awaitable<void> answer_bad(line& to, boost::beast::http::status status, std::string_view why);
  awaitable<void> answer_too_fast(line& to, const caller& who);

  /// Takes the socket into a session, or says why not.
  std::optional<http_response> upgrade(const http_request& request, line& from, lane* where,
                                       const caller& who, std::string early);

  const options& settings_;
  lanes& lanes_;
  const std::shared_ptr<heartbeat> heart_ = std::make_shared<heartbeat>("door");
  boost::asio::io_context context_;
  std::thread thread_;
  std::size_t turn_ = 0; ///< Whose it is among the lanes.
  boost::asio::basic_socket_acceptor<tcp, executor> acceptor_;
  std::uint16_t port_ = 0;
  hub* hub_ = nullptr;
  std::optional<http_endpoints> endpoints_;
  std::atomic<std::size_t> sockets_ = 0, bodies_ = 0; ///< bodies_: requests whose head is read.
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> retry_late_ = 5; ///< Seconds, for who comes when there is no lane.
  std::size_t most_sockets_ = 0;
  addresses addresses_;
  places places_;
  const memory_budget& memory_;
};

} // namespace hubbub
