// What the threads of the clients share: the phase of the run, the findings, and messages that
// several clients send. Knows: phases and findings. Must not know: sockets, frames.
#pragma once

#include "tests/torture/findings.hpp"
#include "tests/torture/hub_versions.hpp"
#include "tests/torture/random_source.hpp"

#include <condition_variable>

namespace torture {

/// The phases of a run, in this order.
enum class phase {
  storm,  ///< Clients do anything, and the nemesis strikes.
  settle, ///< Clients send nothing new, and send again until all is acknowledged.
  finish, ///< Clients read up to the newest message of their room.
  over,
};

/// Threads: any thread may call any function. Lifetime: longer than the clients and the nemesis.
struct shared_state {
  std::uint16_t port = 0;
  std::atomic<phase> now = phase::storm; ///< Only `enter` changes it.
  /// The number of the running process of the only hub, or -1 where there are several hubs.
  std::atomic<int> hub = 0;
  std::atomic<bool> quiet = false; ///< While true, clients send nothing.
  findings found;
  hub_versions versions;

  /// Begins a phase, and wakes the clients that `rest`.
  void enter(phase next);

  /// Returns after the given time, or earlier when the phase changes.
  void rest(std::chrono::milliseconds time);

  /// Whether the log of the hubs still has this UUID. The first call sets it.
  bool is_log(const std::string& name);
  std::string log() const;

  /// Offers a message that another client may send too, under the same key; takes such a message.
  void lend(const post& what);
  std::optional<post> borrow(random_source& random);

  /// The newest id of each room. Set before the phase `finish`.
  std::map<std::string, row_id> newest;

  /// The forks that the log records. Set before the phase `finish`.
  std::vector<log_fork> forks;

private:
  mutable std::mutex mutex_; ///< Guards the members below.
  std::condition_variable entered_;
  std::string log_;
  std::vector<post> lent_;
};

} // namespace torture
