// What comes before the messages in an answer to a cursor: a greeting, or a fork of the log.
// Knows: what a session is to be told first. Must not know: where the messages come from.
#pragma once

#include "actors/attach.hpp"
#include "actors/shown_log.hpp"

#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the frame header and the head of an `init` or `subscribed` that goes on for `rest`
/// bytes. The attach must ask for a greeting.
shared_bytes make_greeting_head(const attach& a, std::size_t rest);

/// Returns one frame for each of the forks, in their order. They are not told as one: a row after
/// the first of two forks may have survived the second.
std::string make_fork_frames(std::string_view room, std::span<const log_fork> forks);

/// Returns the frames that a subscription gets before the messages after its cursor: in answer to
/// its first attach a greeting without messages, later the forks of the log that the subscription
/// does not know. Returns null if it knows all.
shared_bytes make_answer_head(const attach& a, const shown_log& log);

} // namespace hubbub
