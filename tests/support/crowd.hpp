// Thousands of clients on one thread that reconnect when the hub tells them to. Knows the hub's
// frames as far as a cursor needs them. Must not know why the hub closes a connection.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace test {

/// All clients are in one room. A client that is closed with 1012 and a delay reconnects after that
/// delay, with its cursor. A client that is refused or loses its connection reconnects as the page
/// does, after a random delay with exponential backoff. Throws `std::runtime_error` for anything
/// that no client may see: a message twice, a message out of order, or a cursor that is not
/// resumed. *Threads*: one thread.
class crowd {
public:
  using clock = std::chrono::steady_clock;

  /// Connects clients until `opening` passes, and at most `most`. A slow machine gets a smaller
  /// crowd.
  crowd(std::uint16_t port, std::size_t most, deadline opening);

  std::size_t size() const { return clients_.size(); }

  /// Serves all clients until `done` returns true. Throws `timeout` with `what`.
  void run_until(const std::string& what, deadline until, const std::function<bool()>& done);

  void send_message(std::size_t index, const std::string& text);

  /// The number of clients that are connected and have received `init`.
  std::size_t inside() const { return inside_; }
  bool is_inside(std::size_t index) const { return clients_[index].greeted; }

  /// The number of clients with a socket, connected or not yet.
  std::size_t sockets() const { return sockets_; }

  /// The ids of all messages that a client has received, in order.
  const std::vector<std::int64_t>& seen(std::size_t index) const { return clients_[index].seen; }

  std::vector<clock::time_point> return_times;    ///< When clients reconnected.
  std::vector<clock::time_point> planned_returns; ///< The delays of closes, since the epoch.
  std::size_t told = 0;                           ///< Closes that named a delay.
  std::size_t dropped = 0;                        ///< Connections that ended without a close.
  std::size_t refused = 0;                        ///< Attempts that failed before `init`.

private:
  enum class stage { disconnected, connecting, upgrading, inside };

  struct client {
    descriptor socket;
    stage at = stage::disconnected;
    std::string in;
    std::string log;
    std::vector<std::int64_t> seen;
    int tries = 0;
    clock::time_point returns_at = {}; ///< When to reconnect, if `told`.
    bool greeted = false;              ///< Has received `init` on this connection.
    bool told = false;                 ///< Has received a close with a delay.
  };

  void connect(std::size_t index);
  void on_ready(std::size_t index);
  void handle_frames(std::size_t index);
  void handle_text(std::size_t index, const std::string& text);
  void record(client& to, std::int64_t id);
  void on_disconnect(std::size_t index, const std::string& why);
  void send(std::size_t index, const std::string& bytes);

  std::uint16_t port_;
  descriptor poll_;
  std::vector<client> clients_;
  std::multiset<std::pair<clock::time_point, std::size_t>> due_;
  std::size_t inside_ = 0, sockets_ = 0;
  std::string last_failure_; ///< Why the last client was refused or dropped.
  std::minstd_rand random_{7};
};

/// The largest number of moments that lie within one window of that length.
std::size_t most_within(std::vector<crowd::clock::time_point> moments,
                        crowd::clock::duration window);

} // namespace test
