// One TCP or TLS connection to a server on this machine, as a stream of bytes. Knows neither HTTP
// nor WebSocket.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"
#include "tests/support/tls.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace test {

struct connect_options {
  std::string from = "127.0.0.1"; ///< The client address: any address of 127.0.0.0/8.
  int receive_buffer = 0;         ///< SO_RCVBUF in bytes. 0 means the kernel's default.
  int segment = 0;                ///< TCP_MAXSEG in bytes. 0 means the kernel's default.
  bool tls = under_tls();
  int newest_tls = 0; ///< The newest TLS version that the client offers. 0 means OpenSSL's newest.
};

/// A connection that is open from construction on. Each call blocks until its deadline at most and
/// then throws `timeout`.
class connection {
public:
  explicit connection(std::uint16_t port, const connect_options& how = {},
                      deadline until = patience);

  /// Sends all bytes. If the peer has closed the connection, only the next read reports that, as
  /// with TCP itself.
  void send(std::string_view bytes, deadline until = patience);

  /// Appends the bytes that have arrived, at least one. Returns false if the peer has closed or
  /// reset the connection.
  bool read_some(std::string& into, deadline until = patience);

  /// Reads everything up to the end of the connection.
  std::string read_until_closed(deadline until = patience);

  /// Whether a send or a read has met a reset instead of an orderly close.
  bool was_reset() const { return was_reset_; }

  /// Whether bytes or the end of the connection can be read within that time.
  bool readable(deadline until);

  /// Closes the sending side. Reading goes on.
  void finish();

  /// Ends the connection with a reset instead of an orderly close.
  void reset();

  int native() const { return socket_.get(); }

  /// Sends as many bytes as fit at the moment. Returns their number, or 0 if the peer has closed
  /// the connection. Returns no value if none fits until poll(2) reports one of `events`.
  std::optional<std::size_t> send_some(std::string_view bytes, short& events);

  const ssl& tls() const { return tls_; }

private:
  std::optional<std::size_t> receive_some(char* into, std::size_t size, short& events);
  std::optional<std::size_t> tls_result(int result, short& events);

  descriptor socket_;
  ssl tls_; ///< Empty for plain TCP.
  bool was_reset_ = false;
};

} // namespace test
