// What an operator declares after an older state of the database was restored.
// Knows: when there is a log to declare it for. Must not know: how a fork is made.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log.hpp"

namespace hubbub {

/// Makes a fork in the log, so that no id is given twice and every client that comes back is told
/// what was lost. Hubs may run or not. Returns the log with its new fork as the last one, or
/// without forks and with a notice if the log got another identity. Throws log_unavailable with one
/// sentence for the operator if the database cannot be reached, has no log, or refuses.
opened_log record_restore(const database& where);

} // namespace hubbub
