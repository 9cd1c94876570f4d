// TCP sockets on loopback that never block, for programs that relay bytes. Knows TCP; must not know
// what the bytes mean.
#pragma once

#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <poll.h>
#include <string>

namespace torture {

/// Listens on a port of 127.0.0.1: on that one, which a `test::held_port` reserves, or a free one.
class listener {
public:
  explicit listener(std::uint16_t reserved = 0);

  std::uint16_t port() const { return port_; }
  const test::descriptor& socket() const { return socket_; }

  /// The next connection that waits; an empty descriptor if there is none.
  test::descriptor accept() const;

private:
  test::descriptor socket_;
  std::uint16_t port_;
};

enum class receive_window {
  normal,
  tiny, ///< A slow reader fills it after some ten kilobytes, instead of after megabytes.
};

/// Gives the socket a tiny receive window. Must be called before it connects.
void use_tiny_window(const test::descriptor& socket);

/// A socket that is connecting to 127.0.0.1, or an empty descriptor if no server listens there.
test::descriptor dial(std::uint16_t port, receive_window size = receive_window::normal);

/// Turns off Nagle's algorithm.
void set_no_delay(const test::descriptor& socket);

/// The bytes that have come, at most `most`; none at the end of the stream.
std::optional<std::string> take(const test::descriptor& from, std::size_t most = 65536);

/// Sends what the kernel takes and removes it from `bytes`. False if the peer has gone.
bool give(const test::descriptor& to, std::string& bytes);

/// Whether poll(2) found bytes, or the end of the stream.
inline bool ready(const pollfd& waited) {
  return (waited.revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

} // namespace torture
