// One room of one session: a cursor over the log, and a place in the live fan-out.
// Knows: its phase and its cursor. Must not know: what is written, and to which socket.
#pragma once

#include "actors/session_sink.hpp"

#include <boost/intrusive/list_hook.hpp>

namespace hubbub {

class fanout_member;
struct live_room;

/// Lifetime: belongs to its session, and leaves the live fan-out before it is destroyed.
struct subscription : boost::intrusive::list_base_hook<> {
  enum class phase : std::uint8_t {
    queued,    ///< Its next delivery is to be requested.
    requested, ///< Its next delivery is with the actors.
    live,      ///< It is in the live fan-out.
  };

  fanout_member* session = nullptr;
  subscription_ref number = 0;
  phase now = phase::queued; ///< Written by session_subscriptions only, as is the list hook.
  bool answered = false;     ///< It had its first delivery.
  bool leaving = false;      ///< It ends with the delivery that is requested.
  row_id cursor = 0;         ///< The session reads the log after this row when it catches up.
  row_id known_fork = 0;     ///< As the last delivery said.

  // Written by session_fanout only.
  live_room* room = nullptr; ///< Null while the subscription is not live.
  std::uint64_t room_sent_at_join = 0;
  std::uint32_t index = 0; ///< In the members of the room.
};

} // namespace hubbub
