// The group commit: drafts come in and are stored in batches; stored rows go to the broadcaster.
// Knows: the log's contract. Must not know: JSON, SQL, the members of rooms.
#pragma once

#include "actors/backlog.hpp"
#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/memory_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// Group commit without a timer: the drafts that arrive during a commit are the next batch. Client
/// addresses take turns; while several have drafts, each may have only a few rows of a batch.
///
/// Rows are shown in the order of their ids, including the rows of other hubs, and only after they
/// are stored. At most two pages of other hubs' rows are read and not yet shown.
///
/// If the log has lost rows, the rows that survived and were not shown are shown first, and then
/// those that are stored after the fork. Messages that wait are stored as usual.
///
/// While the log is unavailable, drafts wait (the ingress budget bounds how many) and the current
/// batch is tried again, with pauses of at most half a second. A draft that the database refuses is
/// found by halving its batch; the other drafts of the batch are stored. A unit of drafts is never
/// parted: it is refused as a whole, and its answer names the draft that is at fault. A unit of
/// several drafts for which the database is too slow twice is refused too.
class persistence_state {
public:
  using pointer = persistence_actor::stateful_pointer<persistence_state>;
  static inline const char* name = "persistence";

  persistence_actor::behavior_type start(pointer self, const log_factory& make,
                                         broadcaster_actor broadcaster,
                                         std::shared_ptr<ingress_budget> ingress,
                                         std::shared_ptr<hub_counters> counters,
                                         const memory_budget& memory);

private:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds first_pause{20};
  static constexpr std::size_t max_pages_in_flight = 2;

  /// What is known of the log, as far as the last calls of it say.
  enum class phase {
    closed,     ///< The log is to be opened before the next call.
    unverified, ///< The log has not been called for a while; the next flush verifies it first.
    open,
  };

  // persistence.cpp: the commit
  void schedule_flush();
  void flush();
  void take_batch();
  void commit();
  void settle(const appended& result);
  void settle_unit(std::size_t first, std::size_t size, const appended& result);
  void answer_drains();
  bool ids_went_back(const appended& result) const;

  // persistence_open.cpp: the log is opened, and may have lost rows
  void open_log();
  void go_on_after(const std::vector<log_fork>& news);
  void reopen_log(const log_forked& why);

  // persistence_show.cpp: stored rows, in the order of their ids
  void show(std::vector<draft> drafts, std::vector<draft_sender> senders, appended result);
  bool has_unread_rows() const { return log_advanced_ || shown_ < stored_; }
  void read_on();
  bool read_up_to(row_id last);
  void verify_jumps(std::span<const message> rows);
  void skip_to(row_id head);

  // persistence_refuse.cpp: drafts that are not stored
  bool is_one_unit() const;
  void refuse_data();
  void drop_unit();
  void refuse_unit(std::size_t first, refusal_code why, std::optional<std::size_t> index = {});

  // persistence_retry.cpp: failures of an append
  void handle_objection(const std::string& why);
  void handle_slowness(const std::string& why);
  void refuse_or_halve(const std::string& why, bool certain);
  void halve_batch();
  void mark_unavailable(const std::string& why);
  void mark_available();

  // Constant after the start.
  pointer self_ = nullptr;
  std::unique_ptr<log> log_;
  broadcaster_actor broadcaster_;
  std::shared_ptr<ingress_budget> ingress_;
  std::shared_ptr<hub_counters> counters_;
  std::size_t max_bytes_ = 8 << 20; ///< In a batch.
  page_limit page_{1000};           ///< Of a page of rows that other hubs stored.

  // The batch.
  backlog backlog_;
  /// The drafts of a commit, kept together until their outcome is known.
  std::vector<draft> batch_;
  std::vector<draft_sender> senders_; ///< The senders of `batch_`, in the same order.
  std::size_t max_rows_ = 0;          ///< In the next batch.
  clock::time_point contended_at_{};  ///< When drafts of more than one address last waited.
  bool flush_pending_ = false;        ///< A flush_batch_atom is in the mailbox.

  // What is stored and shown.
  row_id stored_ = 0; ///< The greatest id that this hub stored.
  /// The greatest id that was sent to the broadcaster, or `no_end` until a replaced log is opened.
  row_id shown_ = 0;
  bool log_advanced_ = false;       ///< Other hubs may have stored rows after `shown_`.
  row_id skipped_to_ = 0;           ///< Forks have skipped the ids up to this one.
  std::size_t pages_in_flight_ = 0; ///< Pages that were read and are not yet with the sinks.
  std::vector<caf::typed_response_promise<bool>> drains_;

  // The state of the log.
  phase phase_ = phase::closed;
  bool unavailable_ = false;        ///< The last flush failed, and a retry_atom is under way.
  bool reopening_ = false;          ///< A fork was found, and no flush has succeeded since.
  std::string log_name_;            ///< The log that was opened last. Empty: none was.
  std::vector<log_fork> forks_;     ///< The known forks of that log, the oldest first.
  clock::time_point answered_at_{}; ///< When a call of the log last succeeded.

  // Retries.
  std::chrono::milliseconds pause_ = first_pause; ///< Before the next retry; doubles up to 500 ms.
  retry_reason reason_;
  bool objected_before_ = false; ///< The log has objected to an append since its last success.
  bool failed_alone_ = false;    ///< The log has objected to a batch of one unit once.
  bool slow_alone_ = false;      ///< The log was too slow for a batch of one unit once.
  clock::time_point proven_writable_at_{}; ///< When a check last showed that the log is writable.
  clock::time_point append_began_at_{};    ///< When the last append began.
};

/// To be spawned detached, because the log blocks.
inline persistence_actor::behavior_type
persistence(persistence_state::pointer self, const log_factory& make, broadcaster_actor broadcaster,
            std::shared_ptr<ingress_budget> ingress, std::shared_ptr<hub_counters> counters,
            const std::shared_ptr<memory_budget>& memory) {
  return self->state.start(self, make, std::move(broadcaster), std::move(ingress),
                           std::move(counters), *memory);
}

} // namespace hubbub
