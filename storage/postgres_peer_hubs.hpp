// The other hubs on one PostgreSQL, which report to each other by LISTEN and NOTIFY.
// Knows: the channels and what a notification means. Must not know: actors, the use of an update.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log_lineage.hpp"
#include "storage/peer_hubs.hpp"

namespace hubbub {

/// Returns a port with two PostgreSQL connections of its own, which the first `wait` makes, and
/// which are closed when the lineage of this hub's log changes. Returns null for SQLite, because
/// one process alone may use a SQLite file. If `lineage` is null, the port has one of its own.
std::shared_ptr<peer_hubs> make_peer_hubs(const database& where,
                                          std::shared_ptr<log_lineage> lineage = nullptr);

} // namespace hubbub
