// The names of a hub's connections, by room.
// Knows: which persons have a name in a room. Must not know: frames, actors, what names are alike.
#pragma once

#include "actors/display_name.hpp"
#include "storage/thread_safety.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {

/// A connection that has a name, as the registry compares it.
struct name_bearer {
  name_skeletons skeletons;
  std::string person; ///< The UUID of the connection if its person is not known.
};

/// The names of all connections of one hub that a hello has given. A connection is in the registry
/// once for each of its rooms. A connection without a name is not in the registry, and costs
/// nothing.
///
/// A call takes constant time on average for each of the rooms that it is given, whatever the
/// number of connections, rooms and persons. A name in a room takes about 250 bytes for each
/// person, whatever the number of the person's connections.
///
/// Threads: all calls may come from any thread. Lifetime: shared by all connections of the hub.
/// Invariant: connections_ has the bearers of persons_, and texts_ what both point to.
class name_registry {
public:
  using rooms = std::span<const std::string_view>; ///< Different ones.

  /// Gives a connection a name in its rooms, in place of the name that it has there. `from`: null
  /// if it has none. Returns false, and changes nothing, if another person has a confusable name in
  /// one of the rooms. Of several such calls for one name exactly one returns true.
  bool rename(const name_bearer* from, const name_bearer& to, rooms in) HUBBUB_EXCLUDES(mutex_);

  /// Adds a connection to rooms that it was not in, also if another person has the name there.
  void add(const name_bearer& who, rooms to) HUBBUB_EXCLUDES(mutex_);

  /// Removes a connection from rooms that it is in.
  void remove(const name_bearer& who, rooms from) HUBBUB_EXCLUDES(mutex_);

  /// Returns whether the registry has nothing.
  bool empty() const HUBBUB_EXCLUDES(mutex_);

private:
  /// A text and the number of its uses. Its address stands for the text.
  using counted_texts = std::unordered_map<std::string, std::uint32_t>;
  using text = const std::string*;

  struct place {
    text room, skeleton;
    bool operator==(const place&) const = default;
  };
  struct bearer {
    place at;
    text person;
    bool operator==(const bearer&) const = default;
  };
  struct hash {
    std::size_t operator()(const place& what) const;
    std::size_t operator()(const bearer& what) const;
  };

  text take(const std::string& what) HUBBUB_REQUIRES(mutex_);
  text find(const std::string& what) const HUBBUB_REQUIRES(mutex_);
  void release(text what) HUBBUB_REQUIRES(mutex_);
  void enter(const name_bearer& who, std::string_view room) HUBBUB_REQUIRES(mutex_);
  void leave(const name_bearer& who, std::string_view room) HUBBUB_REQUIRES(mutex_);
  bool is_taken(const name_bearer& who, std::string_view room) const HUBBUB_REQUIRES(mutex_);

  mutable annotated_mutex mutex_;
  counted_texts texts_ HUBBUB_GUARDED_BY(mutex_);
  /// The number of different persons with a skeleton in a room.
  std::unordered_map<place, std::uint32_t, hash> persons_ HUBBUB_GUARDED_BY(mutex_);
  /// The number of connections of one person among them.
  std::unordered_map<bearer, std::uint32_t, hash> connections_ HUBBUB_GUARDED_BY(mutex_);
};

} // namespace hubbub
