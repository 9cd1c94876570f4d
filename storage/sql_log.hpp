// The log in an SQL database, through SOCI.
// Knows: that there are two dialects. Must not know: actors, retries, threads.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log.hpp"

namespace hubbub {

/// A log with one connection of its own, which is made by the first call and made anew after an
/// error.
std::unique_ptr<log> make_sql_log(const database& where);

} // namespace hubbub
