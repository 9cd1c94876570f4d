// Drafts in, batches out: the group commit, its retries, and what waits for it.
// Knows: the log's contract. Must not know: JSON, SQL, who is listening.
#pragma once

#include "actors/backlog.hpp"
#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/memory_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// Whatever waits while a commit runs is the next batch; no timer. Sources take turns, and where
/// several do, what one of them may have in a batch is little. Rows are shown in id order, all
/// of them, other processes' too, and only once they are stored. Of what others store, two pages at
/// most are read and not yet shown, however far ahead they are. While the log is away, drafts wait
/// (the ingress budget bounds how many) and the oldest are tried again, at most half a second
/// apart. A draft that the database refuses is found by halving its batch, and costs its neighbours
/// a moment, nothing more.
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
  static constexpr std::chrono::milliseconds first_pause{20};

  void schedule_flush();
  void flush();
  void open_log();
  void commit();
  void show(std::vector<draft> mine, std::vector<draft_sender> senders, appended result);
  bool has_unread_rows() const { return log_advanced_ || shown_ < stored_; }
  void read_on();
  bool read_up_to(row_id last);
  void settle(const appended& result);
  void handle_objection(const std::string& why);
  void refuse_or_halve(const std::string& why);
  void halve_batch();
  void mark_unavailable(const std::string& why);
  void mark_available();
  void answer_drains();
  bool ids_went_back(const appended& result) const;

  pointer self_ = nullptr;
  std::unique_ptr<log> log_;
  broadcaster_actor broadcaster_;
  std::shared_ptr<ingress_budget> ingress_;
  std::shared_ptr<hub_counters> counters_;
  backlog backlog_;
  std::vector<draft> batch_; ///< The batch of a commit, kept together until its outcome is known.
  std::vector<draft_sender> senders_;                    ///< Of batch_.
  std::chrono::steady_clock::time_point contended_at_{}; ///< When more than one source last waited.
  std::size_t max_rows_ = 0;                             ///< Rows in the next batch.
  std::size_t max_bytes_ = 8 << 20;                      ///< In a batch.
  int page_rows_ = 1000;                                 ///< In a page of what others store.
  row_id shown_ = 0, stored_ = 0;
  bool log_advanced_ = false;       ///< There may be rows of others after shown_.
  std::size_t pages_in_flight_ = 0; ///< Pages that were read and are not yet with the sinks.
  std::string log_name_;            ///< Of the log that was open last; empty: none was.
  bool log_open_ = false, flush_pending_ = false, unavailable_ = false;
  bool verify_next_ = false; ///< Nothing was asked of the log for a while.
  std::chrono::steady_clock::time_point answered_at_{}; ///< When the log did what it was asked.
  retry_reason reason_;
  bool objected_before_ = false; ///< The log has objected to what is being tried, once.
  std::chrono::steady_clock::time_point
      proven_writable_at_{}; ///< When the log was found good for others.
  std::chrono::steady_clock::time_point append_began_at_{}; ///< When the last append began.
  bool failed_alone_ = false; ///< The log has objected to one draft alone, which is being tried.
  std::chrono::milliseconds pause_ = first_pause;
  std::vector<caf::typed_response_promise<bool>> drains_;
};

/// Spawn detached: the log blocks.
inline persistence_actor::behavior_type
persistence(persistence_state::pointer self, const log_factory& make, broadcaster_actor broadcaster,
            std::shared_ptr<ingress_budget> ingress, std::shared_ptr<hub_counters> counters,
            const std::shared_ptr<memory_budget>& memory) {
  return self->state.start(self, make, std::move(broadcaster), std::move(ingress),
                           std::move(counters), *memory);
}

} // namespace hubbub
