// How many may be in at once: in all, from one address, and in this much memory.
// Knows: counts and bounds. Must not know: sockets, what those inside do.
#pragma once

#include <boost/beast/http/status.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Any thread.
class places {
public:
  struct limits {
    std::size_t connections = SIZE_MAX;
    std::size_t per_address = 0; ///< 0: no limit.
    std::size_t memory = 0;      ///< Of the process, in bytes; 0: no limit.
  };

  explicit places(limits l) : limits_(l) {}

  struct refusal {
    boost::beast::http::status status;
    std::string_view why;
  };

  /// Takes a place, or says what is full. Memory is full from nine tenths of its limit on, so that
  /// those inside have the rest; it is looked at ten times a second at most.
  std::optional<refusal> enter(const std::string& address);
  void leave(const std::string& address);

  std::size_t taken() const { return taken_; }

private:
  bool memory_is_full();

  const limits limits_;
  std::mutex mutex_;
  std::atomic<std::size_t> taken_ = 0;
  // Guarded by the mutex:
  std::map<std::string, std::size_t> by_address_;
  std::chrono::steady_clock::time_point looked_{};
  bool memory_full_ = false;
};

} // namespace hubbub
