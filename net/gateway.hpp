// The front door: accepts sockets, serves HTTP, upgrades to WebSocket, and closes in order.
// Knows: limits on who comes in, and the steps of a stop. Must not know: what messages mean.
#pragma once

#include "actors/hub.hpp"
#include "net/http.hpp"
#include "net/lane.hpp"
#include "net/pipe.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <map>
#include <mutex>

namespace hubbub {

/// Listens from construction on, so that its port is known; accepts from `start` on.
class gateway {
public:
  /// Throws std::runtime_error, with one sentence for the operator, if it cannot listen.
  gateway(const options& settings, lanes& threads);

  std::uint16_t port() const { return port_; }

  void start(hub& actors);

  /// Stops accepting and reading, waits until what was read is stored and shown, tells every client
  /// when to come back, and waits until they have left. False: something that was accepted, and was
  /// neither shown nor acknowledged, is not stored. Takes at most about nine seconds. Called from a
  /// thread that is no lane's.
  bool stop();

  std::size_t connections() const { return connections_; }

private:
  using tcp = boost::asio::ip::tcp;
  using executor = boost::asio::io_context::executor_type;
  using stream = boost::beast::basic_stream<tcp, executor>;
  template<class T>
  using awaitable = boost::asio::awaitable<T, executor>;

  awaitable<void> accept();
  awaitable<void> serve(pipe::socket_type socket, lane& where, std::string address);
  awaitable<void> answer_bad(stream& to, boost::system::error_code why);
  awaitable<void> answer_bad(stream& to, boost::beast::http::status status, std::string_view why);

  /// Takes the socket into a session, or says why not.
  std::optional<http_response> upgrade(const http_request& request, stream& from, lane& where,
                                       const std::string& address, std::string early);
  bool enter(const std::string& address);
  void leave(const std::string& address);

  const options& settings_;
  lanes& lanes_;
  boost::asio::basic_socket_acceptor<tcp, executor> acceptor_;
  std::uint16_t port_ = 0;
  hub* hub_ = nullptr;
  std::optional<http_endpoints> endpoints_;
  std::atomic<std::size_t> connections_ = 0, sockets_ = 0;
  std::size_t most_sockets_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::size_t> by_address_; ///< Guarded by the mutex.
};

} // namespace hubbub
