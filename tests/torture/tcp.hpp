// Sockets on this machine that never block, for whoever passes bytes on. Knows TCP; must not know
// whose bytes they are.
#pragma once

#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <poll.h>
#include <string>

namespace torture {

/// Listens on a free port of 127.0.0.1.
class listener {
public:
  listener();

  std::uint16_t port() const { return port_; }
  const test::descriptor& socket() const { return socket_; }

  /// The next that waits; -1 if there is none.
  test::descriptor accept() const;

private:
  test::descriptor socket_;
  std::uint16_t port_;
};

enum class window {
  normal,
  tiny, ///< So that no kernel hides for long that somebody reads slowly.
};

/// Makes it tiny before it is connected.
void narrow(const test::descriptor& socket);

/// Connected to 127.0.0.1, or about to be; -1 if nobody is there.
test::descriptor dial(std::uint16_t port, window size = window::normal);

void send_at_once(const test::descriptor& socket);

/// What is there, at most so much; none at the end.
std::optional<std::string> take(const test::descriptor& from, std::size_t most = 65536);

/// Sends what goes out and leaves the rest; false at the end.
bool give(const test::descriptor& to, std::string& bytes);

/// Whether poll(2) found bytes or the end.
inline bool ready(const pollfd& waited) {
  return (waited.revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

} // namespace torture
