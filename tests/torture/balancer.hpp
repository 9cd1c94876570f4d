// A TCP load balancer in front of several hubs: each connection goes to a random hub that accepts
// it. Knows bytes; must not know what they mean, nor the faults.
#pragma once

#include "tests/torture/random_source.hpp"
#include "tests/torture/tcp.hpp"

#include <atomic>
#include <list>
#include <thread>
#include <vector>

namespace torture {

/// Listens on 127.0.0.1 as long as it lives, with a thread of its own. It buffers at most 8 KiB per
/// direction of a connection, so the hub notices a slow reader. When one side of a connection ends,
/// so does the other.
class balancer {
public:
  balancer(std::vector<std::uint16_t> hubs, std::uint64_t seed);
  ~balancer();

  std::uint16_t port() const { return listener_.port(); }

  /// How many connections that hub was given. Any thread.
  long accepted(std::size_t hub) const { return accepted_[hub]; }

private:
  struct end {
    test::descriptor socket;
    std::string out = {};
    bool ended = false;         ///< The peer has sent its last byte.
    bool shutdown_sent = false; ///< The peer was told that the other side has ended.
  };
  struct relay {
    end client, hub;
    bool dead = false;
  };

  void run();
  void accept();
  void pass(end& from, bool readable, end& to, relay& on);

  const std::vector<std::uint16_t> hubs_;
  random_source random_;
  const listener listener_;
  std::list<relay> relays_;
  std::vector<std::atomic<long>> accepted_;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

} // namespace torture
