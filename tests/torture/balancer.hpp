// The one address in front of several hubs: each line goes to a hub that is there, by chance.
// Knows bytes; must not know what they mean, nor who hurts the hubs.
#pragma once

#include "tests/torture/dice.hpp"
#include "tests/torture/tcp.hpp"

#include <atomic>
#include <list>
#include <thread>
#include <vector>

namespace torture {

/// Listens on 127.0.0.1 as long as it lives. It holds some ten kilobytes a line at most: whoever
/// reads slowly is slow to the hub too. A line ends for both when it ends for one.
class balancer {
public:
  balancer(std::vector<std::uint16_t> hubs, std::uint64_t seed);
  ~balancer();

  std::uint16_t port() const { return listener_.port(); }

  /// How many lines that hub was given. Any thread.
  long given(std::size_t hub) const { return given_[hub]; }

private:
  struct end {
    test::descriptor socket;
    std::string out = {};
    bool ended = false; ///< It says no more.
    bool told = false;  ///< That the other one says no more.
  };
  struct line {
    end near, far; ///< The client, and the hub.
    bool dead = false;
  };

  void run();
  void accept();
  void pass(end& from, bool readable, end& to, line& on);

  const std::vector<std::uint16_t> hubs_;
  dice dice_;
  const listener listener_;
  std::list<line> lines_;
  std::vector<std::atomic<long>> given_;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

} // namespace torture
