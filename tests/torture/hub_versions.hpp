// Which hubs are older ones, and whether the newer hubs know of them. Knows slots, which are the
// places of hubs, and their versions. Must not know processes or frames.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace torture {

/// Where all hubs are newer ones, nothing needs to be set. Threads: any.
class hub_versions {
public:
  /// Whether an older hub lives and all newer hubs know the answer.
  enum class older { unsure, lives, gone };

  /// `number` is another one after each change.
  struct answer {
    older state = older::gone;
    long number = 0;
    bool operator==(const answer&) const = default;
  };

  /// All hubs are older ones. To be called before the clients begin.
  void begin_with_older(std::vector<std::uint16_t> ports) {
    const std::lock_guard guard{mutex_};
    ports_ = std::move(ports);
    newer_.assign(ports_.size(), false);
    answer_.state = older::unsure;
  }

  /// The number of slots, or 0 where all hubs are newer ones.
  std::size_t slots() const {
    const std::lock_guard guard{mutex_};
    return ports_.size();
  }
  std::uint16_t port(std::size_t slot) const {
    const std::lock_guard guard{mutex_};
    return ports_[slot];
  }
  bool is_newer(std::size_t slot) const {
    const std::lock_guard guard{mutex_};
    return newer_[slot];
  }

  /// To be called while no hub runs in the slot.
  void set_newer(std::size_t slot, bool newer) {
    const std::lock_guard guard{mutex_};
    newer_[slot] = newer;
  }

  answer now() const {
    const std::lock_guard guard{mutex_};
    return answer_;
  }
  void set(older state) {
    const std::lock_guard guard{mutex_};
    answer_ = {state, answer_.number + 1};
  }

private:
  mutable std::mutex mutex_; ///< Guards the members below.
  std::vector<std::uint16_t> ports_;
  std::vector<bool> newer_;
  answer answer_;
};

} // namespace torture
