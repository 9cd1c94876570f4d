// One TCP connection to a server on this machine, or one of TLS, as bytes. Knows neither HTTP nor
// WebSocket.
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
  std::string from = "127.0.0.1"; ///< The address to come from; all of 127.0.0.0/8 is at hand.
  int receive_buffer = 0;         ///< Bytes the kernel may hold for a slow reader; 0: its default.
  bool tls = under_tls();
  int newest_tls = 0; ///< The newest version that the client has; 0: whatever there is.
};

/// Connected from its making to its end. Blocks, with deadlines.
class connection {
public:
  explicit connection(std::uint16_t port, const connect_options& how = {},
                      deadline until = patience);

  /// Sends all. That the peer has gone is told by the next read, as TCP does.
  void send(std::string_view bytes, deadline until = patience);

  /// Appends what is there, at least a byte; false when the peer has closed or reset.
  bool read_some(std::string& into, deadline until = patience);

  /// Everything up to the end of the connection.
  std::string read_until_closed(deadline until = patience);

  /// Whether a send or a read has met a reset instead of the peer's goodbye.
  bool was_reset() const { return was_reset_; }

  /// Whether there is something to read, or the end, within that time.
  bool readable(deadline until);

  /// Sends no more, but goes on reading.
  void finish();

  /// Ends the connection with a reset instead of a goodbye.
  void reset();

  int native() const { return socket_.get(); }

  /// Sends what the peer takes now, and says how much that is, or that there is nobody; nothing:
  /// it takes none until poll(2) reports one of `events`.
  std::optional<std::size_t> send_some(std::string_view bytes, short& events);

  const ssl& tls() const { return tls_; }

private:
  std::optional<std::size_t> receive_some(char* into, std::size_t size, short& events);
  std::optional<std::size_t> tls_result(int result, short& events);

  descriptor socket_;
  ssl tls_; ///< None: in the clear.
  bool was_reset_ = false;
};

} // namespace test
