// What comes before the messages in an answer to a cursor: a greeting, or a fork of the log.
// Knows: what a session is to be told first. Must not know: where the messages come from.
#pragma once

#include "actors/attach.hpp"
#include "actors/event_stream.hpp"
#include "actors/shown_log.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Returns the buffers of an `init` or `subscribed`: its head, its messages (JSON with commas
/// between them, for an event stream as event_data_lines returns it), and its `end`, which is that
/// of wire::init_tail. The attach must ask for a greeting. In an event stream an `init` has an id:
/// `complete`, up to which the reader of the whole stream has everything when it has read the
/// `init`.
std::vector<shared_bytes> make_greeting(const attach& a, shared_bytes messages, shared_bytes end,
                                        std::string_view log, row_id complete);

/// Returns one event for each of the forks, in their order. They are not told as one: a row after
/// the first of two forks may have survived the second.
std::vector<room_event> make_fork_events(std::string_view room, std::span<const log_fork> forks);

/// Returns the frames that a subscription gets before the messages after its cursor: in answer to
/// its first attach a greeting without messages, later the forks of the log that the subscription
/// does not know. Returns null if it knows all.
shared_bytes make_answer_head(const attach& a, const shown_log& log);

/// Returns the `id_head` of a delivery.
shared_bytes make_id_head(const attach& a, const shown_log& log);

} // namespace hubbub
