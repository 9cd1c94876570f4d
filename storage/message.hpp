// The rows of the log, and the drafts that become rows.
// Knows: the parts of a message. Must not know: databases, actors, JSON.
#pragma once

#include <boost/uuid/uuid.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hubbub {

using uuid = boost::uuids::uuid;
using row_id = std::int64_t;
using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// What readers are told of the author of a message, beside its connection. All of it may be empty.
struct author_profile {
  std::string name;
  std::string person;    ///< The same for all connections of one person.
  bool verified = false; ///< The name comes from a token.

  bool operator==(const author_profile&) const = default;
};

/// A stored row. The hub never edits or deletes a row.
struct message {
  row_id id = 0;
  std::string room;
  std::string text;
  uuid connection_id{};
  std::int32_t user_message_number = 0;
  instant created_at{};
  std::string key;        ///< The key that its client gave, or empty.
  author_profile by = {}; ///< As it was when the message was accepted.
  std::string data = {};  ///< A JSON value for programs, byte for byte as it came, or empty.
};

/// The author of messages: one connection, as the log sees it. The connection actor and the drafts
/// of the connection share it. `id` never changes.
struct author {
  explicit author(uuid connection, std::uint32_t drafts_in_unit = 1)
      : id(connection), unit(drafts_in_unit) {}
  const uuid id;
  /// Over 1: the author has this number of drafts, which are one unit. They are stored together or
  /// not at all, and are always given to the log in one batch, one behind the other.
  const std::uint32_t unit;
  /// The number of its last stored message. Storage only reads it: the persistence actor takes it
  /// from the receipts of a commit, on its own thread, so a message that is never stored leaves no
  /// hole in the numbers.
  std::int32_t last_number = 0;
};

/// A message that the hub has accepted and not yet stored.
struct draft {
  std::shared_ptr<author> from;
  std::string room;
  std::string text;
  std::string key;
  /// The number that the last append tried to store, or 0 before the first append. The next append
  /// finds the row by it if the answer to a commit was lost.
  std::int32_t attempted_number = 0;
  std::shared_ptr<const author_profile> by = {}; ///< Null: an empty profile.
  std::string data = {};                         ///< See message::data.
};

/// Returns the number of drafts of the unit that begins with this one.
inline std::size_t unit_size(const draft& first) {
  return first.from ? first.from->unit : 1;
}

} // namespace hubbub
