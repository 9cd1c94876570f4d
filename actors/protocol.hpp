// The handles of all actors, and the messages between them.
// Knows: which actor takes which message. Must not know: behaviours, Beast, SOCI.
#pragma once

#include "actors/attach.hpp"
#include "actors/draft_unit.hpp"
#include "actors/heartbeat.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/page_request.hpp"
#include "actors/peer_presence.hpp"
#include "actors/refusal_code.hpp"
#include "actors/room_stats.hpp"

#include <caf/all.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// A text frame as its session read it. The session's window bounds the frames in flight.
struct frame {
  std::string text;
  bool too_many = false; ///< The client address is over its rate limit: the frame is refused,
                         ///< unless it ends a subscription.
};

/// The outcome of one accepted message: stored as `id` and `number`, or refused: `unstorable` by
/// the database, `key_conflict`, or `upgrading`.
struct outcome {
  std::string key;
  row_id id = 0;
  std::int32_t number = 0;
  std::optional<refusal_code> refused = {};
};
using outcomes = std::vector<outcome>;

/// Rows that are stored and may be shown: all rows with ids after the last row of the previous
/// batch, up to the last row of this one.
struct batch {
  std::vector<message> rows;
  batch_credit credit;
  row_id head = 0; ///< The log has no more rows up to this id. 0: up to the last row of the batch.
};
using batch_ptr = std::shared_ptr<const batch>;

/// The log is open, and is shown from here on. `anew`: another log was open before, or the ids of
/// the log have gone back, so cursors, tails and pages are void. If the log was open before and has
/// new forks, tails and pages are void, and every session is to be told of the forks.
struct log_opened {
  std::string log;
  row_id shown = 0; ///< The rows up to this id are shown, or are history. The next batch holds the
                    ///< rows after it. Less than before if the rows that were shown last are lost.
  bool anew = false;
  std::vector<log_fork> forks = {}; ///< All known ones, the oldest first.
};

/// Another hub has reported that the log has rows up to `newest`, or the connection to the other
/// hubs is new, or a call of the log has found a fork. Then the log is to be verified.
struct log_advanced {
  row_id newest = 0;
  bool verify = false;
};

/// Sent by the broadcaster to itself: announce the number of people in a room.
struct announce_presence {
  std::string room;
  room_ref ref = 0;
};

/// Asks an actor for a heartbeat. Sent with high priority, so that only a handler that does not
/// return can delay it.
struct heartbeat_request {
  std::shared_ptr<hubbub::heartbeat> heartbeat;
};

/// The health of a hub.
struct health_report {
  bool database = false;                 ///< The log can be written and read.
  std::string reason = {};               ///< Why not. Public, so it names no host and no user.
  std::vector<std::string> stalled = {}; ///< Actors and threads whose heartbeat is overdue.
  bool hangs = false; ///< One of `stalled` does not wait for the log, so it will not recover with
                      ///< the log.
  std::optional<fork_report> fork = {}; ///< The last fork of the log, if there is any.
  bool well() const { return database && stalled.empty(); }
};

/// Asks for a health_report. `answer` is called on the health actor's thread.
struct health_query {
  std::function<void(const health_report&)> answer;
};

/// Sent by the health actor to itself: the probe with this number should have been answered by now.
struct health_query_timeout {
  std::uint64_t probe = 0;
};

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
CAF_ADD_ATOM(hubbub, hubbub, index_atom, "index")
CAF_ADD_ATOM(hubbub, hubbub, outbox_atom, "outbox")
CAF_END_TYPE_ID_BLOCK(hubbub)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::delivery_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::subscription_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::count_request)
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::draft_unit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::ingress_quota_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::page_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::rooms_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::first_pages)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hubbub::room_stats)

namespace hubbub {

/// One actor per WebSocket or event stream. Its session sends frames, `delivery_request`,
/// `subscription_ended` and, once, `closed`; persistence sends outcomes.
using connection_actor = caf::typed_actor<caf::reacts_to<frame>, caf::reacts_to<delivery_request>,
                                          caf::reacts_to<subscription_ended>,
                                          caf::reacts_to<closed_atom>, caf::reacts_to<outcomes>>;

/// Stores drafts and units of drafts in batches, and reads the rows that other hubs store. `probe`:
/// verify an idle log. `shown`: a page of rows was handed to the sinks. `drain`: answers when every
/// draft before it is stored and shown.
using persistence_actor =
    caf::typed_actor<caf::reacts_to<draft, connection_actor, ingress_quota_ptr>,
                     caf::reacts_to<draft_unit>, caf::reacts_to<log_advanced>,
                     caf::reacts_to<shown_atom>, caf::reacts_to<flush_batch_atom>,
                     caf::reacts_to<retry_atom>, caf::reacts_to<probe_atom>,
                     caf::reacts_to<heartbeat_request>, caf::replies_to<drain_atom>::with<bool>>;

/// Rooms, their members and their hot tails. `report`: tell other hubs the counts that changed.
/// `shed`: memory is short. `drain`: answers when every batch before it was handed to the sinks.
using broadcaster_actor = caf::typed_actor<
    caf::reacts_to<log_opened>, caf::reacts_to<batch_ptr>, caf::reacts_to<attach>,
    caf::reacts_to<unsubscribe>, caf::reacts_to<peer_presence>, caf::reacts_to<report_atom>,
    caf::reacts_to<load_tails_atom>, caf::reacts_to<shed_atom>, caf::reacts_to<announce_presence>,
    caf::reacts_to<heartbeat_request>, caf::replies_to<room_stats_atom>::with<room_stats>,
    caf::replies_to<drain_atom>::with<bool>>;

/// Reads pages of history. Answers with an error while the log is unavailable.
using history_actor =
    caf::typed_actor<caf::replies_to<page_request>::with<page>,
                     caf::replies_to<rooms_request>::with<first_pages>,
                     caf::replies_to<count_request>::with<std::int64_t>,
                     caf::replies_to<newest_atom>::with<row_id>, caf::reacts_to<heartbeat_request>>;

/// Waits for updates of the other hubs.
using listener_actor = caf::typed_actor<caf::reacts_to<listen_atom>>;

/// Moves the messages that applications publish by SQL into the log. `outbox`: there may be some.
/// `listen`: whether notifications of them arrive. The others are messages to itself: move now,
/// move after a pause, and look whether there are some.
using outbox_mover_actor =
    caf::typed_actor<caf::reacts_to<outbox_atom>, caf::reacts_to<listen_atom, bool>,
                     caf::reacts_to<flush_batch_atom>, caf::reacts_to<retry_atom>,
                     caf::reacts_to<probe_atom>>;

/// Makes the index for searches. `index`: do the next step.
using indexer_actor = caf::typed_actor<caf::reacts_to<index_atom>>;

/// Answers queries about the hub's health within a second, whatever the log does. `probe`: request
/// heartbeats of all watched actors.
using health_actor =
    caf::typed_actor<caf::reacts_to<health_query>, caf::reacts_to<probe_atom>,
                     caf::reacts_to<continue_probe_atom>, caf::reacts_to<health_query_timeout>>;

/// Checks that the log can be read and written. Blocks for as long as the log does. Answers with an
/// error if it cannot; the error's text is public, so it names no host and no user.
using prober_actor = caf::typed_actor<caf::replies_to<probe_atom>::with<bool>>;

/// Interrupts calls of the log that take too long.
using watchdog_actor = caf::typed_actor<caf::reacts_to<check_calls_atom>>;

} // namespace hubbub
