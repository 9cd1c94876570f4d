// The other hubs on one PostgreSQL, heard by its LISTEN.
// Knows: channels and what they mean. Must not know: actors, who is told.
#pragma once

#include "storage/database_url.hpp"
#include "storage/neighbours.hpp"

namespace hubbub {

/// With a connection of its own, which is made by the first `wait`. Nothing for SQLite, whose file
/// belongs to one process.
std::shared_ptr<neighbours> make_neighbours(const database& where);

} // namespace hubbub
