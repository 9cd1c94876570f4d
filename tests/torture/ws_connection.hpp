// A WebSocket client connection that never blocks, and that the caller may read late or never, or
// reset in the middle of a frame. Knows RFC 6455; must not know the hub's frames.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"
#include "tests/torture/tcp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace torture {

/// The connection ended. `code` is that of the close frame, or 1006 where none came.
struct connection_lost {
  int code;
  std::string reason;
};

/// Threads: one.
class ws_connection {
public:
  /// Connects and performs the opening handshake. Throws `connection_lost` if no server listens or
  /// the hub is stopping, `test::timeout`, and `std::runtime_error` for an answer other than 101.
  ws_connection(std::uint16_t port, const std::string& target, receive_window size,
                test::deadline until);

  void send(const std::string& text);
  void ping();
  void close();

  /// The bytes that the kernel has not taken yet.
  std::size_t unsent() const { return out_.size(); }

  /// Sends what the kernel takes and, if `reading`, receives what has come. Waits until the
  /// deadline if neither is possible at once.
  void pump(bool reading, test::deadline until);

  /// The next text message that was received, none if there is none yet. Throws `connection_lost`
  /// after the last one.
  std::optional<std::string> next();

  /// Ends the connection with a TCP reset.
  void reset();

private:
  bool fill();
  void flush();
  [[noreturn]] void end_with(int code, std::string reason = {});

  test::descriptor socket_;
  std::string in_, out_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

} // namespace torture
