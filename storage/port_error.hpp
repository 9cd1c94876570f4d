// The errors of the log's port, of errors of the database.
// Knows: what each error of the port means. Must not know: sessions, how an error is classified.
#pragma once

#include "storage/sql_error.hpp"

namespace hubbub {

/// What the call that failed was about.
struct failed_call {
  bool of_drafts = false; ///< It was an append, so a draft may be the cause.
  bool log_known = false; ///< The log was opened before, so its tables have existed.
};

/// Throws the error of the port that says what has failed: log_refusal, log_objection,
/// log_too_slow, log_not_created or log_unavailable.
[[noreturn]] void throw_port_error(const classified_error& failure, const failed_call& of);

} // namespace hubbub
