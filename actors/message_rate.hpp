// The rate at which one client address may publish by requests.
// Knows: that a rate has tokens. Must not know: HTTP, addresses, how tokens are refilled.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace hubbub {

/// The tokens of one client address. A message costs one.
/// Threads: all calls may come from any thread, and do not block.
class message_rate {
public:
  virtual ~message_rate() = default;

  /// Returns 0, or the time until there is a token, rounded up.
  virtual std::chrono::seconds wait() = 0;

  /// Takes the tokens of messages that come in one request, and returns 0. If there are too few,
  /// takes `if_refused` instead, and returns the time until the same request may come, rounded up.
  virtual std::chrono::seconds take(std::size_t messages, std::size_t if_refused) = 0;

  /// Takes tokens even if there are fewer.
  virtual void charge(std::size_t tokens) = 0;
};

using message_rate_ptr = std::shared_ptr<message_rate>;

} // namespace hubbub
