// Every actor's handle and every message between actors, on one screen.
// Knows: who may say what to whom. Must not know: behaviours, Beast, SOCI.
#pragma once

#include "actors/heartbeat.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/room_stats.hpp"
#include "actors/session_sink.hpp"
#include "storage/peer_hubs.hpp"

#include <caf/all.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// A text frame as its session read it. At most as many are under way as the session's window
/// allows.
struct frame {
  std::string text;
  bool too_many = false; ///< Come from its address: this one is to be refused.
};

/// The bytes of the last `delivery`, which was not live, are written; what comes next?
struct delivery_written {
  row_id cursor = 0;
};

/// What became of one accepted message: stored as `id` and `number`, or refused by the database.
struct outcome {
  std::string key;
  row_id id = 0;
  std::int32_t number = 0;
  bool refused = false;
};
using outcomes = std::vector<outcome>;

/// Where a client says it is in a log.
struct position {
  row_id after = 0;
  std::string log;
};

/// A session asks for all after its cursor; the first time, without a cursor, for `init`.
struct attach {
  std::string room;
  session_sink* sink = nullptr;
  session_ref session = 0;
  uuid connection{};
  bool first = false;           ///< Wants `init` before anything else.
  bool is_member = false;       ///< Is among the room's members already.
  std::optional<position> from; ///< First time: what the client said. Else: the session's cursor.
};

/// A session is gone.
struct unsubscribe {
  std::string room;
  session_sink* sink = nullptr;
};

/// Rows that are stored and may be shown: all rows with ids from the last batch's end to this
/// one's.
struct batch {
  std::vector<message> rows;
  ingress_credit credit;
};
using batch_ptr = std::shared_ptr<const batch>;

/// The log is open. `anew`: another one was open before, or its ids have gone back, so that nothing
/// that was known of it holds.
struct log_opened {
  std::string log;
  row_id newest = 0;
  bool anew = false;
};

/// Another hub has reported that the log has rows up to this id.
struct log_advanced {
  row_id newest = 0;
};

/// The counts of the other hubs; see peer_update.
struct peer_presence {
  std::vector<room_count> counts;
  bool snapshot = false, reconnected = false;
};

/// The broadcaster to itself: time to tell a room how many are there.
struct announce_presence {
  std::string room;
  room_ref ref = 0;
};

/// Asks for a sign of life; sent with high priority, so that only a message that does not end keeps
/// it.
struct heartbeat_request {
  std::shared_ptr<hubbub::heartbeat> heartbeat;
};

/// The health of a hub: whether the log takes messages and gives them back, and which actors and
/// threads have given no sign of life when one was due.
struct health_report {
  bool database = false;
  std::string reason = {}; ///< Why the database is not well; names no host and no user.
  std::vector<std::string> stalled = {};
  bool hangs = false; ///< One of them does not wait for the log, so it will not come back with it.
  bool well() const { return database && stalled.empty(); }
};

/// Asks for that; called on one of the actors' threads.
struct health_query {
  std::function<void(const health_report&)> answer;
};

/// The health actor to itself: this question should have been answered by now.
struct health_query_timeout {
  std::uint64_t probe = 0;
};

/// Asks for rows of one room: the newest under `before`, or else the oldest over `after`.
struct page_request {
  std::string room;
  std::optional<row_id> before;
  row_id after = 0;
  int limit = 0;
};
/// Asks for the newest rows under `before` of each of these rooms.
struct rooms_request {
  std::vector<std::string> rooms;
  row_id before = 0;
  int limit = 0;
};
using page = std::shared_ptr<const std::vector<message>>;

} // namespace hubbub

CAF_BEGIN_TYPE_ID_BLOCK(hubbub, caf::first_custom_type_id)
CAF_ADD_ATOM(hubbub, hubbub, closed_atom, "closed")
CAF_ADD_ATOM(hubbub, hubbub, flush_batch_atom, "flushbatch")
CAF_ADD_ATOM(hubbub, hubbub, retry_atom, "retry")
CAF_ADD_ATOM(hubbub, hubbub, load_tails_atom, "loadtails")
CAF_ADD_ATOM(hubbub, hubbub, continue_probe_atom, "nextprobe")
CAF_ADD_ATOM(hubbub, hubbub, check_calls_atom, "checkcalls")
CAF_ADD_ATOM(hubbub, hubbub, drain_atom, "drain")
CAF_ADD_ATOM(hubbub, hubbub, probe_atom, "probe")
CAF_ADD_ATOM(hubbub, hubbub, newest_atom, "newest")
CAF_ADD_ATOM(hubbub, hubbub, shown_atom, "shown")
CAF_ADD_ATOM(hubbub, hubbub, report_atom, "report")
CAF_ADD_ATOM(hubbub, hubbub, listen_atom, "listen")
CAF_ADD_ATOM(hubbub, hubbub, room_stats_atom, "room_stats")
CAF_ADD_ATOM(hubbub, hubbub, shed_atom, "shed")
CAF_END_TYPE_ID_BLOCK(hubbub)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::delivery_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::outcomes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::attach)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::unsubscribe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::log_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::log_advanced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::peer_presence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::announce_presence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::health_query_timeout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::heartbeat_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::health_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::draft)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::ingress_quota_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::page_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::rooms_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_stats)

namespace hubbub {

/// One a WebSocket connection. Hears frames, `delivery_written` and `gone` from its session,
/// outcomes from persistence.
using connection_actor = caf::typed_actor<caf::reacts_to<frame>, caf::reacts_to<delivery_written>,
                                          caf::reacts_to<closed_atom>, caf::reacts_to<outcomes>>;

/// Stores drafts in batches, and reads what other hubs store. `probe`: it is time to see whether
/// the log is still there. `shown`: a page that it read is with the sinks. `drain`: answers when
/// all that it was given before is stored and shown.
using persistence_actor =
    caf::typed_actor<caf::reacts_to<draft, connection_actor, ingress_quota_ptr>,
                     caf::reacts_to<log_advanced>, caf::reacts_to<shown_atom>,
                     caf::reacts_to<flush_batch_atom>, caf::reacts_to<retry_atom>,
                     caf::reacts_to<probe_atom>, caf::reacts_to<heartbeat_request>,
                     caf::replies_to<drain_atom>::with<bool>>;

/// Rooms, their members and their hot tails. `shed`: memory is short. `drain`: answers when all
/// before it is with the sinks.
using broadcaster_actor = caf::typed_actor<
    caf::reacts_to<log_opened>, caf::reacts_to<batch_ptr>, caf::reacts_to<attach>,
    caf::reacts_to<unsubscribe>, caf::reacts_to<peer_presence>, caf::reacts_to<report_atom>,
    caf::reacts_to<load_tails_atom>, caf::reacts_to<shed_atom>, caf::reacts_to<announce_presence>,
    caf::reacts_to<heartbeat_request>, caf::replies_to<room_stats_atom>::with<room_stats>,
    caf::replies_to<drain_atom>::with<bool>>;

/// Reads the past. Answers with an error while the database is away.
using history_actor =
    caf::typed_actor<caf::replies_to<page_request>::with<page>,
                     caf::replies_to<rooms_request>::with<page>,
                     caf::replies_to<newest_atom>::with<row_id>, caf::reacts_to<heartbeat_request>>;

/// Waits for updates of the other hubs.
using listener_actor = caf::typed_actor<caf::reacts_to<listen_atom>>;

/// Asks the log whether it could be written; answers within a second, whatever the log does.
/// `probe`: time to ask all others for a sign of life.
using health_actor =
    caf::typed_actor<caf::reacts_to<health_query>, caf::reacts_to<probe_atom>,
                     caf::reacts_to<continue_probe_atom>, caf::reacts_to<health_query_timeout>>;

/// Blocks for as long as the log does. Answers with an error while the log cannot be read and
/// written; the error's text is public, so it names no host and no user.
using prober_actor = caf::typed_actor<caf::replies_to<probe_atom>::with<bool>>;

/// Interrupts calls of the log that take too long.
using watchdog_actor = caf::typed_actor<caf::reacts_to<check_calls_atom>>;

} // namespace hubbub
