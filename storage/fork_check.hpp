// The comparison of the log with what a hub has seen of it, and the fork that follows if rows are
// lost.
// Knows: the record in `hubbub_meta`, the sequence of ids. Must not know: sessions, when to
// compare.
#pragma once

#include "storage/database_url.hpp"
#include "storage/log_lineage.hpp"

#include <soci/soci.h>

#include <string>

namespace hubbub {

/// Why a fork is made.
enum class fork_cause {
  loss,     ///< Only if the comparison shows that rows may be lost.
  restored, ///< An operator says that an older state was restored.
};

struct checked_log {
  log_state state;
  std::string
      notice; ///< A sentence for the operator if the log has another identity now, or empty.
};

/// Compares the log with `before`, what this hub has seen of it. Records a fork if the server has
/// another timeline than the recorded one, the newest row is older than a row that this hub has
/// seen, or a fork that this hub knows is not recorded. A fork that another hub has recorded since
/// `before` explains the loss of the rows in its range. Gives the log another identity if the row
/// that this hub has seen last is missing or another message although there are newer rows, or if
/// the record is damaged: then it is unclear which rows survived.
///
/// To be called inside a transaction that holds the append lock. `server` is unknown where the
/// server does not tell. Throws what SOCI throws, and std::runtime_error if the ids cannot go on.
checked_log check_forks(soci::session& sql, database_kind kind, const server_timeline& server,
                        const log_state& before, fork_cause cause = fork_cause::loss);

} // namespace hubbub
