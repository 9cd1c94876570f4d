// The log in an SQL database, through SOCI.
// Knows: the order of the statements of a call. Must not know: actors, retries, threads.
#pragma once

#include "storage/database_url.hpp"
#include "storage/instant.hpp"
#include "storage/log.hpp"
#include "storage/log_lineage.hpp"
#include "storage/sql_connection.hpp"
#include "storage/sqlite_file.hpp"

#include <functional>

namespace hubbub {

/// Makes a log with a connection of its own. The first call connects, and a call after an error
/// reconnects. A row has the time of `clock` at its insert. The clock may go back, so only the ids
/// say the order of rows. If `file` is null, the log of a SQLite database watches the file itself.
/// All logs of one hub share a `lineage`; if it is null, the log has one of its own.
std::unique_ptr<log> make_sql_log(const database& where,
                                  std::function<instant()> clock = system_time,
                                  std::shared_ptr<sqlite_file> file = nullptr,
                                  server_observer observer = {},
                                  std::shared_ptr<log_lineage> lineage = nullptr);

} // namespace hubbub
