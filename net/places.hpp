// How many may be in at once: in all, from one address, and in this much memory.
// Knows: counts and bounds. Must not know: sockets, what those inside do.
#pragma once

#include "actors/memory_budget.hpp"
#include "net/addresses.hpp"

#include <boost/beast/http/status.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace hubbub {

/// Any thread.
class places {
public:
  struct limits {
    std::size_t connections = SIZE_MAX;
    std::shared_ptr<const memory_budget> memory = std::make_shared<memory_budget>();
  };

  explicit places(limits l) : limits_(std::move(l)) {}

  struct refusal {
    boost::beast::http::status status;
    std::string_view why;
  };

  /// Takes a place, or says what is full.
  std::optional<refusal> enter(account& from);
  void leave(account& from);

  std::size_t taken() const { return taken_; }

private:
  const limits limits_;
  std::mutex mutex_;
  std::atomic<std::size_t> taken_ = 0;
};

} // namespace hubbub
