// Moves the messages that applications publish by SQL into the log.
// Knows: when a move is due, and what follows a failure. Must not know: SQL, how messages are
// shown.
#pragma once

#include "actors/hub_counters.hpp"
#include "actors/ingress_budget.hpp"
#include "actors/memory_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// What does not change while the actor runs.
struct outbox_mover_settings {
  persistence_actor persistence; ///< Is told of the rows that were stored.
  std::shared_ptr<ingress_budget> ingress;
  std::shared_ptr<hub_counters> counters;
  std::shared_ptr<memory_budget> memory;
  std::size_t max_data = 8192; ///< The setting MAX_DATA.
};

/// Moves rows when a notification says that there are some, and also looks by itself: once in half
/// a minute while notifications arrive, else once a second. While more rows may be there, one move
/// follows another, and the append lock is free between two of them.
///
/// While the log is unavailable nothing is moved. A row that the log refuses is found by halving
/// the rows of a move, and is set aside. If it is unclear whether the row or the log is the cause,
/// the log is checked first, and the row is set aside after it has failed twice. After ten such
/// rows one after another, of which none was stored, the rows stay where they are, and the first
/// one is tried again and again.
class outbox_mover_state {
public:
  using pointer = outbox_mover_actor::stateful_pointer<outbox_mover_state>;
  static inline const char* name = "outbox";

  outbox_mover_actor::behavior_type start(pointer self, const log_factory& make,
                                          outbox_mover_settings settings);

private:
  using clock = std::chrono::steady_clock;

  enum class phase {
    idle,      ///< No move is due, or one runs.
    move_sent, ///< The message for the next move is in the mailbox of the actor.
    paused,    ///< The next move follows a pause, which no notification shortens.
  };

  void look();
  void move_soon();
  void move_after(std::chrono::milliseconds pause);
  void move();
  void handle(const outbox_progress& done);
  void handle_refusal(const outbox_progress& refused);
  void wait(const std::string& why);

  pointer self_ = nullptr;
  std::unique_ptr<log> log_;
  outbox_mover_settings settings_;

  outbox_limits limits_; ///< Of the next move.
  phase phase_ = phase::idle;
  bool notified_ = false;              ///< There is a reason to expect rows.
  bool listening_ = false;             ///< Notifications arrive.
  int skipped_ = 0;                    ///< Looks since the last one that was not skipped.
  row_id suspect_ = 0;                 ///< A row that has failed once, alone.
  int unclear_rows_ = 0;               ///< Set aside without a clear cause since a row was stored.
  clock::time_point next_look_{};      ///< When to look for rows of long transactions; see
                                       ///< outbox_progress::look_again.
  std::chrono::milliseconds pause_{0}; ///< Before the next try after a failure.
  retry_reason reason_;
};

/// To be spawned detached, because the log blocks.
inline outbox_mover_actor::behavior_type outbox_mover(outbox_mover_state::pointer self,
                                                      const log_factory& make,
                                                      outbox_mover_settings settings) {
  return self->state.start(self, make, std::move(settings));
}

} // namespace hubbub
