// Hubs of an older version on the same PostgreSQL, as an ordinary session finds them.
// Knows: a session of SOCI. Must not know: the connection to the peers.
#pragma once

#include "storage/finding.hpp"

namespace soci {
class session;
}

namespace hubbub {

/// Returns whether a hub of an older version lives; see presence::older_hub_lives. Returns false if
/// there is no table of hubs, or the role may not read it.
bool older_hub_lives(soci::session& sql);

/// Says for the doctor whether an older hub lives. It is no fault, but an operator may have
/// forgotten the hub.
finding check_older_hubs(soci::session& sql);

} // namespace hubbub
