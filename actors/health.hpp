// Whether the hub does its work: asked of the log, and of every actor that others wait for.
// Knows: how long is too long. Must not know: who asks, and what the actors do.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// An actor that is asked for a sign of life, and where it gives it.
struct watched_actor {
  caf::actor actor;
  std::shared_ptr<hubbub::heartbeat> heartbeat;
  bool waits_for_log = false; ///< For as long as that does not answer.
};

/// Answers each question about the hub's health within a second.
/// The log: at most one probe is under way, however many questions wait for it, so a log that hangs
/// blocks one thread. There are at most two probes a second, and one in two seconds while messages
/// are stored, because a stored message says nothing about reading. A probe that failed answers the
/// questions that waited for it and no later one: a later question waits for a new probe, and then,
/// within its second, for the persistence actor to see that the log is back. So the first answer
/// after the log came back is right.
/// The patients: each is asked for a sign of life once a second, also while no question comes,
/// because the time of its last beats is part of the answer. Threads that run no actors give their
/// signs by themselves.
class health_state {
public:
  using pointer = health_actor::stateful_pointer<health_state>;
  static inline const char* name = "health";

  health_actor::behavior_type start(pointer self, prober_actor prober,
                                    std::shared_ptr<const ingress_budget> ingress,
                                    std::vector<watched_actor> watched,
                                    std::vector<std::shared_ptr<const heartbeat>> threads);

private:
  /// The state of the probe: there is none; it is to begin, half a second after the last one; the
  /// prober has it; it succeeded, and the persistence actor has not yet seen that the log is back.
  enum class phase { none, due, sent, settling };

  void request_heartbeats();
  void accept_query(health_query q);
  void schedule_probe(std::chrono::nanoseconds pause);
  void send_probe();
  void probe_answered(bool alive, std::string reason);
  void answer_queries(bool database);

  pointer self_ = nullptr;
  prober_actor prober_;
  std::shared_ptr<const ingress_budget> ingress_;
  std::vector<watched_actor> watched_;
  std::vector<std::shared_ptr<const heartbeat>> threads_;
  phase phase_ = phase::none;
  bool overdue_ = false;
  std::uint64_t probe_number_ = 0;
  log_status::clock::time_point probe_began_at_, probe_ended_at_;
  bool log_works_ = false;     ///< The prober's last.
  std::string failure_reason_; ///< Of that, if it was no.
  std::vector<health_query> waiting_queries_;
};

/// Spawn detached, so that it answers when no thread for actors is free.
inline health_actor::behavior_type health(health_state::pointer self, prober_actor prober,
                                          std::shared_ptr<const ingress_budget> ingress,
                                          std::vector<watched_actor> watched,
                                          std::vector<std::shared_ptr<const heartbeat>> threads) {
  return self->state.start(self, std::move(prober), std::move(ingress), std::move(watched),
                           std::move(threads));
}

struct prober_state {
  std::unique_ptr<hubbub::log> log;
  retry_reason reason;
  static inline const char* name = "prober";
};

/// Spawn detached: the log blocks.
prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const log_factory& make);

} // namespace hubbub
