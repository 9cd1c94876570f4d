// Checks the messages that a database has stored.
#pragma once

#include "tests/support/database.hpp"

#include <doctest/doctest.h>

namespace test {

/// Checks that the log has `count` messages and no text twice.
inline void stored_once(const database& db, std::size_t count) {
  CHECK(db.sql("select count(*), count(distinct text) from messages") ==
        rows{{std::to_string(count), std::to_string(count)}});
}

} // namespace test
