// The table in which the hubs on one PostgreSQL store the presence of their rooms.
#pragma once

#include "tests/support/postgres.hpp"

#include <string>

namespace test {

/// Waits until the table counts `online` connections over all rooms and hubs.
inline void wait_for_stored_presence(const postgres& db, int online) {
  eventually("presence to be stored", [&] {
    return db.value("select coalesce(sum(online), 0) from hubbub_presence") ==
           std::to_string(online);
  });
}

} // namespace test
