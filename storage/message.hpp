// The rows of the log, and what becomes one.
// Knows: what a message is. Must not know: databases, actors, JSON.
#pragma once

#include <boost/uuid/uuid.hpp>

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

/// The author of messages: one connection, as the log sees it. The connection actor and the drafts
/// of the connection share it. `id` and `name` never change.
struct author {
  explicit author(uuid connection, std::string given_name = {})
      : id(connection), name(std::move(given_name)) {}
  const uuid id;
  const std::string name; ///< The name in the token of the connection, or empty.
  /// The number of its last stored message. Storage only reads it: the persistence actor takes it
  /// from the receipts of a commit, on its own thread, so a message that is never stored leaves no
  /// hole in the numbers.
  std::int32_t last_number = 0;
};

/// A message that was accepted and waits to be stored.
struct draft {
  std::shared_ptr<author> from;
  std::string room;
  std::string text;
  std::string key;
  /// The number of the last try, 0 before the first. A commit whose answer was lost is recognised
  /// by it.
  std::int32_t attempted_number = 0;
};

} // namespace hubbub
