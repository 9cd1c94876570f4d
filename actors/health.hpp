// The health of the hub: whether the log can be written and read, and whether all actors and
// threads run.
// Knows: how long an answer may take. Must not know: the callers, or the work of the actors.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"
#include "actors/retry_reason.hpp"

namespace hubbub {

/// An actor from which heartbeats are requested.
struct watched_actor {
  caf::actor actor;
  std::shared_ptr<hubbub::heartbeat> heartbeat;
  bool waits_for_log = false; ///< The actor blocks while a call of the log does.
};

/// Answers each query about the hub's health within a second.
///
/// The log: at most one probe is under way, however many queries wait for it, so a log that hangs
/// blocks one thread. There are at most two probes per second, and one in two seconds while
/// messages are stored, because a stored message does not prove that the log can be read. A probe
/// that failed answers only the queries that waited for it. A later query waits for a new probe,
/// and then, within its second, until the persistence actor has seen that the log is available. So
/// the first answer after the log came back is right.
///
/// Actors and threads: a heartbeat is requested from each watched actor once per second, also while
/// no query comes, because the deadline of a beat is part of the answer. Threads that run no actors
/// beat by themselves.
class health_state {
public:
  using pointer = health_actor::stateful_pointer<health_state>;
  static inline const char* name = "health";

  health_actor::behavior_type start(pointer self, prober_actor prober,
                                    std::shared_ptr<const ingress_budget> ingress,
                                    std::vector<watched_actor> watched,
                                    std::vector<std::shared_ptr<const heartbeat>> threads);

private:
  /// The state of the probe.
  enum class phase {
    none,
    due,     ///< It begins half a second after the last one.
    sent,    ///< The prober has it.
    settling ///< It succeeded; the persistence actor has not yet seen that the log is available.
  };

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

  // The probe.
  phase phase_ = phase::none;
  bool overdue_ = false;           ///< The probe has not answered in time.
  std::uint64_t probe_number_ = 0; ///< Tells the timeout of this probe from those of earlier ones.
  log_status::clock::time_point probe_began_at_, probe_ended_at_;
  std::vector<health_query> waiting_queries_;

  // The result of the last probe.
  bool log_works_ = false;
  std::string failure_reason_; ///< Empty if the probe succeeded.
};

/// To be spawned detached, so that it answers even when no thread for actors is free.
inline health_actor::behavior_type health(health_state::pointer self, prober_actor prober,
                                          std::shared_ptr<const ingress_budget> ingress,
                                          std::vector<watched_actor> watched,
                                          std::vector<std::shared_ptr<const heartbeat>> threads) {
  return self->state.start(self, std::move(prober), std::move(ingress), std::move(watched),
                           std::move(threads));
}

struct prober_state {
  std::unique_ptr<hubbub::log> log;
  persistence_actor persistence; ///< Null in tests that have none.
  retry_reason reason;
  static inline const char* name = "prober";
};

/// To be spawned detached, because the log blocks. A check that finds a fork makes persistence
/// verify the log, so that a hub without messages opens it again.
prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const log_factory& make, persistence_actor persistence);

} // namespace hubbub
