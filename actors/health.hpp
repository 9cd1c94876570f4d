// Whether the hub does its work: asked of the log, and of every actor that others wait for.
// Knows: how long is too long. Must not know: who asks, and what the actors do.
#pragma once

#include "actors/intake.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// An actor that is asked for a sign of life, and where it gives it.
struct patient {
  caf::actor whom;
  std::shared_ptr<heartbeat> sign;
  bool waits_for_log = false; ///< For as long as that does not answer.
};

/// Everyone hears within a second. However many ask, one question to the log is under way, at most
/// two a second, and one in two seconds if something was stored just now, for that tells nothing of
/// reading; a log that hangs keeps one thread. That the log was away is no answer to who asks
/// later: it is asked anew, and if it is well, those who wait for it get the time to find out, so
/// that the first answer after it came back is right. Asks
/// the patients once a second, whether or not anybody wants to know: only so is it known since when
/// one is silent. Threads that are no actors' give their signs by themselves.
class health_state {
public:
  using pointer = health_actor::stateful_pointer<health_state>;
  static inline const char* name = "health";

  health_actor::behavior_type start(pointer self, prober_actor prober,
                                    std::shared_ptr<const intake> accepted,
                                    std::vector<patient> patients,
                                    std::vector<std::shared_ptr<const heartbeat>> threads);

private:
  /// Of the question to the log: none; it was asked so lately that it waits; it is with the prober;
  /// the log is well, and the persistence actor does not know yet.
  enum class phase { none, due, asked, settling };

  void look_around();
  void take(health_question q);
  void begin(std::chrono::nanoseconds pause);
  void ask();
  void hear(bool alive, std::string reason);
  void answer(bool database);

  pointer self_ = nullptr;
  prober_actor prober_;
  std::shared_ptr<const intake> accepted_;
  std::vector<patient> patients_;
  std::vector<std::shared_ptr<const heartbeat>> threads_;
  phase phase_ = phase::none;
  bool overdue_ = false;
  std::uint64_t asked_ = 0;
  intake::clock::time_point asked_at_, answered_at_;
  bool answer_ = false; ///< The prober's last.
  std::string reason_;  ///< Of that, if it was no.
  std::vector<health_question> waiting_;
};

/// Spawn detached, so that it answers when no thread for actors is free.
inline health_actor::behavior_type health(health_state::pointer self, prober_actor prober,
                                          std::shared_ptr<const intake> accepted,
                                          std::vector<patient> patients,
                                          std::vector<std::shared_ptr<const heartbeat>> threads) {
  return self->state.start(self, std::move(prober), std::move(accepted), std::move(patients),
                           std::move(threads));
}

struct prober_state {
  std::unique_ptr<log> store;
  retry_reason reason;
  static inline const char* name = "prober";
};

/// Spawn detached: the log blocks.
prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const log_factory& make);

} // namespace hubbub
