// The move of rows from the outbox into the log.
// Knows: the order of the statements of a move. Must not know: when to move, what to do after a
// failure.
#pragma once

#include "storage/instant.hpp"
#include "storage/log_session.hpp"
#include "storage/outbox.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace hubbub {

/// Moves rows of `hubbub_outbox` in the order of their ids. A move is one transaction, which stores
/// the messages and deletes the rows, so each row is moved exactly once whatever crashes.
///
/// Order: if one transaction has published and committed before another one has published, their
/// messages have this order in the log. Two exceptions: rows with data wait while an older hub
/// lives, and the search for rows of transactions that have lasted for long is put off while it is
/// slow.
/// Threads and lifetime: as the session, which outlives the object.
class outbox_move {
public:
  outbox_move(log_session& session, std::function<instant()> clock)
      : session_(session), clock_(std::move(clock)) {}

  /// Moves some rows. Throws what the statements of the session throw, and log_unavailable.
  outbox_progress run(const outbox_limits& most);

  /// To be called after `run` has thrown. Returns the progress for a call that was refused.
  outbox_progress failed(const std::string& why, bool unclear);

private:
  using clock = std::chrono::steady_clock;

  /// The rows of one call.
  struct page {
    std::vector<draft> drafts;          ///< Those that can be stored.
    std::vector<row_id> ids;            ///< Of `drafts`, in the outbox.
    std::vector<row_id> all;            ///< Of all rows that were read.
    std::string aside;                  ///< The members of a JSON array: the other rows, and why.
    std::size_t rows_aside = 0;         ///< The number of these members.
    seen_row newest;                    ///< The newest row of the log that was stored.
    bool more = false;                  ///< There may be more rows.
    std::chrono::milliseconds later{0}; ///< See outbox_progress::look_again.
    void set_aside(row_id id, const char* why);
  };

  bool is_usable(std::string& why);
  void begin();
  page read(const outbox_limits& most);
  void measure_search();
  std::optional<outbox_progress> try_run(const outbox_limits& most);
  bool store(page& rows, outbox_progress& out);
  void remove(const page& rows);

  log_session& session_;
  const std::function<instant()> clock_;
  bool usable_ = false; ///< The last call has found the tables, and that the role may use them.
  bool known_usable_ = false;       ///< The same for the call before, or this one has looked.
  page tried_;                      ///< The rows of the last call.
  row_id moved_ = 0;                ///< The greatest id in the outbox that a call has moved.
  clock::time_point next_search_{}; ///< When to look for rows before `moved_` again.
};

} // namespace hubbub
