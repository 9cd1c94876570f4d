// Hubs of an older version on the same database, which do not know all that this hub can store.
// Knows: what clients and operators are told. Must not know: how such a hub is found.
#pragma once

#include "actors/log_status.hpp"

namespace hubbub {

/// The text of an `error` with the code `upgrading`.
inline constexpr auto upgrading_text =
    "an older hub still runs on this database; send it again in a while";

/// Records whether an older hub lives, and tells operators of a change. Any thread may call it.
void record_older_hub(log_status& log, bool lives);

} // namespace hubbub
