// The rooms that one connection is subscribed to.
// Knows: names and numbers of subscriptions, and what a first attach asks for. Must not know:
// frames, sinks.
#pragma once

#include "actors/attach.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <memory>
#include <string_view>

namespace hubbub {

/// One subscription of a connection.
struct subscribed_room {
  /// What the first attach asks for.
  struct first_request {
    std::optional<position> from;
    std::optional<resume_limit> limit;
  };

  std::string name;
  subscription_ref number = 0;
  bool is_member = false; ///< The first attach is sent, so the broadcaster counts the member.
  bool leaving = false;   ///< The client has unsubscribed, and the session still has to know.
  std::unique_ptr<first_request> first; ///< Until the first attach is sent.
};

/// Threads: may be used by one thread at a time. A pointer to a room is valid until the next `add`
/// or `remove`. Invariant: there is a first room, although the connection may have left it.
class subscribed_rooms {
public:
  explicit subscribed_rooms(std::string first_room = {}) { add(std::move(first_room)); }

  /// The room that the connection was opened with.
  subscribed_room& first() { return all_.front(); }
  const subscribed_room& first() const { return all_.front(); }

  /// Adds a room that the connection is not subscribed to.
  subscribed_room& add(std::string name) {
    return all_.emplace_back(subscribed_room{std::move(name), ++last_, false, false, nullptr});
  }

  /// Returns null if the connection is not subscribed to the room. The time is linear in the number
  /// of rooms.
  subscribed_room* find(std::string_view name) {
    const auto at = std::find_if(all_.begin(), all_.end(), [name](const subscribed_room& each) {
      return each.name == name && !each.leaving;
    });
    return at == all_.end() ? nullptr : &*at;
  }

  /// Returns null if the subscription was removed.
  subscribed_room* find(subscription_ref number) {
    const auto at = std::lower_bound(
        all_.begin(), all_.end(), number,
        [](const subscribed_room& each, subscription_ref wanted) { return each.number < wanted; });
    return at == all_.end() || at->number != number ? nullptr : &*at;
  }

  /// The client has unsubscribed: from now on the room is found by its number only.
  void leave(subscribed_room& room) {
    room.leaving = true;
    ++leaving_;
  }

  /// The room must be leaving.
  void remove(subscribed_room& room) {
    room.is_member = false;
    if (&room == &first()) // its name is still needed
      return;
    --leaving_;
    all_.erase(all_.begin() + (&room - all_.data()));
  }

  /// The rooms that are not leaving.
  std::size_t size() const { return all_.size() - leaving_; }

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

private:
  /// By number. Most connections have one room.
  boost::container::small_vector<subscribed_room, 1> all_;
  subscription_ref last_ = 0;
  std::uint32_t leaving_ = 0;
};

} // namespace hubbub
