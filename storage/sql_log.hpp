// The log in an SQL database, through SOCI.
// Knows: that there are two dialects. Must not know: actors, retries, threads.
#pragma once

#include "storage/database_url.hpp"
#include "storage/instant.hpp"
#include "storage/log.hpp"
#include "storage/sql_connection.hpp"
#include "storage/sqlite_file.hpp"

#include <functional>

namespace hubbub {

/// A log with one connection of its own, which is made by the first call and made anew after an
/// error. Rows bear the time of the clock at their insert, which may go back; their order is that
/// of their ids alone.
std::unique_ptr<log> make_sql_log(const database& where,
                                  std::function<instant()> clock = system_time,
                                  std::shared_ptr<sqlite_file> file = nullptr,
                                  server_observer observer = {});

} // namespace hubbub
