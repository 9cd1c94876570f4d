// The rows of the log, and what becomes one.
// Knows: what a message is. Must not know: databases, actors, JSON.
#pragma once

#include <boost/uuid/uuid.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace hubbub {

using uuid = boost::uuids::uuid;
using row_id = std::int64_t;
using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// A stored row. Immutable: nothing is ever edited or taken out of the log.
struct message {
  row_id id = 0;
  std::string room;
  std::string text;
  uuid connection_id{};
  std::int32_t user_message_number = 0;
  instant created_at{};
  std::string key;       ///< Empty: none was given.
  std::string name = {}; ///< Its author's; empty: none.
};

/// One connection as the log sees it. Its connection actor owns it; the counter moves with a commit
/// and only there, so that a message that is never stored leaves no hole in the numbers.
struct author {
  explicit author(uuid who, std::string called = {}) : id(who), name(std::move(called)) {}
  const uuid id;
  const std::string name;               ///< As a token says; empty: none.
  std::atomic<std::int32_t> stored = 0; ///< Written by log::append alone.
};

/// A message that was accepted and waits to be stored.
struct draft {
  std::shared_ptr<author> from;
  std::string room;
  std::string text;
  std::string key;
  /// The number of the last try, 0 before the first. A commit whose answer was lost is recognised
  /// by it.
  std::int32_t tried_as = 0;
};

} // namespace hubbub
