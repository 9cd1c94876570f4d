// Thousands of clients on one thread, who come back as they are told. Knows the hub's frames as far
// as a cursor needs, and nothing of why the hub sends anybody away.
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

/// All in one room. A client that is closed with 1012 and a time is back after that time, from its
/// cursor; one that is refused or cut tries again as the page does, after a random while that
/// grows. Throws `std::runtime_error` for anything that no client may see: a message twice, out of
/// order, or a resumption that is none.
class crowd {
public:
  using clock = std::chrono::steady_clock;

  /// So many as come in while `opening` has not passed, and at most `most`: on a slow machine a
  /// crowd that is large enough is smaller.
  crowd(std::uint16_t port, std::size_t most, deadline opening);

  std::size_t size() const { return clients_.size(); }

  /// Looks after all of them until `done`. Throws `timeout` with `what`.
  void run_until(const std::string& what, deadline until, const std::function<bool()>& done);

  void send_message(std::size_t index, const std::string& text);

  std::size_t inside() const { return inside_; } ///< Have had their `init`.
  bool is_inside(std::size_t index) const { return clients_[index].greeted; }
  std::size_t sockets() const { return sockets_; } ///< Have a socket.

  /// The ids of all messages that someone was shown, in the order of showing.
  const std::vector<std::int64_t>& seen(std::size_t index) const { return clients_[index].seen; }

  std::vector<clock::time_point> return_times;    ///< When they came back, told to or not.
  std::vector<clock::time_point> planned_returns; ///< When they were to, after they were told.
  std::size_t told = 0;                           ///< Were told when to return.
  std::size_t dropped = 0;                        ///< Were inside, and are not, without a word.
  std::size_t refused = 0;                        ///< Came when nobody let them in, and come again.

private:
  enum class stage { disconnected, connecting, upgrading, inside };

  struct client {
    descriptor socket;
    stage at = stage::disconnected;
    std::string in;
    std::string log;
    std::vector<std::int64_t> seen;
    int tries = 0;
    clock::time_point returns_at = {}; ///< Where it was told.
    bool greeted = false, told = false;
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
  std::string last_failure_; ///< To someone refused or dropped.
  std::minstd_rand random_{7};
};

/// The most of these moments that fall into any one window.
std::size_t most_within(std::vector<crowd::clock::time_point> moments,
                        crowd::clock::duration window);

} // namespace test
