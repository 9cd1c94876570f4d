#include "actors/health.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_within = 900ms; ///< A query is answered by then, whatever the log does.
constexpr auto heartbeat_every = 1000ms;

/// How long a probe or a stored message proves that the log can be written, and the least pause
/// between two probes.
constexpr auto write_proof_lasts = 500ms;

/// How long a probe proves that the log can be read, while messages are stored.
constexpr auto read_proof_lasts = 2000ms;

/// How often the health actor looks whether the persistence actor has seen that the log is
/// available.
constexpr auto log_recheck_every = 20ms;

} // namespace

prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const log_factory& make, persistence_actor persistence) {
  self->state.log = make();
  self->state.persistence = std::move(persistence);
  return {[self](probe_atom) -> caf::result<bool> {
    auto& reason = self->state.reason;
    const std::string unreachable = "the database cannot be reached, written or read";
    const auto log_reason = [&reason](const std::exception& e) {
      if (reason.is_new(e.what()))
        spdlog::warn("a health check finds that the log does not work: {}", e.what());
    };
    try {
      self->state.log->check();
      if (reason.clear())
        spdlog::info("a health check finds that the log works again");
      return true;
    } catch (const log_file_lost& e) {
      log_reason(e);
      return caf::make_error(caf::sec::runtime_error, std::string(e.what()));
    } catch (const log_forked& e) {
      log_reason(e);
      if (self->state.persistence)
        self->send(self->state.persistence, log_advanced{0, true});
      return caf::make_error(
          caf::sec::runtime_error,
          "the database may have lost messages, and the log is being opened again");
    } catch (const log_not_created&) {
      // The persistence actor makes the tables, and warns if it cannot.
      return caf::make_error(caf::sec::runtime_error, unreachable);
    } catch (const std::exception& e) {
      log_reason(e); // the text may name hosts and users, so it is not given to clients
      return caf::make_error(caf::sec::runtime_error, unreachable);
    }
  }};
}

health_actor::behavior_type health_state::start(
    pointer self, prober_actor prober, std::shared_ptr<const ingress_budget> ingress,
    std::vector<watched_actor> watched, std::vector<std::shared_ptr<const heartbeat>> threads) {
  self_ = self;
  prober_ = std::move(prober);
  ingress_ = std::move(ingress);
  watched_ = std::move(watched);
  threads_ = std::move(threads);
  request_heartbeats();
  return {
      [this](health_query& q) { accept_query(std::move(q)); },
      [this](probe_atom) { request_heartbeats(); },
      [this](continue_probe_atom) {
        phase_ == phase::due ? send_probe() : probe_answered(true, {});
      },
      [this](health_query_timeout late) {
        if (phase_ == phase::none || late.probe != probe_number_)
          return;
        overdue_ = true;
        // If rows were written since then, only the probe is stuck.
        answer_queries(ingress_->log().written_since(probe_began_at_));
      },
  };
}

void health_state::request_heartbeats() {
  for (const auto& watched : watched_)
    if (watched.heartbeat->expect())
      caf::anon_send<caf::message_priority::high>(watched.actor,
                                                  heartbeat_request{watched.heartbeat});
  self_->delayed_send(self_, heartbeat_every, probe_atom_v);
}

void health_state::accept_query(health_query q) {
  const auto now = log_status::clock::now();
  waiting_queries_.push_back(std::move(q));
  const bool available = ingress_->log().available();
  const bool written = available && ingress_->log().written_since(now - write_proof_lasts);
  if (written && log_works_ && now - probe_ended_at_ < read_proof_lasts)
    answer_queries(true);
  else if (overdue_)
    answer_queries(written);
  else if (phase_ == phase::none && available && log_works_ &&
           now - probe_ended_at_ < write_proof_lasts)
    answer_queries(true);
  else if (phase_ == phase::none)
    schedule_probe(std::max(write_proof_lasts - (now - probe_ended_at_), 0ns));
}

void health_state::schedule_probe(std::chrono::nanoseconds pause) {
  probe_began_at_ = log_status::clock::now();
  self_->delayed_send(self_, answer_within, health_query_timeout{++probe_number_});
  phase_ = phase::due;
  if (pause > 0ns)
    self_->delayed_send(self_, pause, continue_probe_atom_v);
  else
    send_probe();
}

void health_state::send_probe() {
  phase_ = phase::sent;
  self_->request(prober_, caf::infinite, probe_atom_v)
      .then([this](bool alive) { probe_answered(alive, {}); },
            [this](const caf::error& e) {
              const auto& context = e.context();
              probe_answered(false, context.match_elements<std::string>()
                                        ? context.get_as<std::string>(0)
                                        : std::string());
            });
}

void health_state::probe_answered(bool alive, std::string reason) {
  const auto now = log_status::clock::now();
  if (alive && !ingress_->log().available() && now - probe_began_at_ < answer_within) {
    phase_ = phase::settling;
    self_->delayed_send(self_, log_recheck_every, continue_probe_atom_v);
    return;
  }
  phase_ = phase::none;
  overdue_ = false;
  probe_ended_at_ = now;
  failure_reason_ = std::move(reason);
  log_works_ = alive && ingress_->log().available();
  answer_queries(log_works_);
}

void health_state::answer_queries(bool database) {
  health_report report;
  report.database = database && ingress_->log().available();
  report.fork = ingress_->log().last_fork();
  if (!report.database)
    report.reason = overdue_                  ? "the database does not answer"
                    : failure_reason_.empty() ? "the log is not open yet, or is being opened again"
                                              : failure_reason_;
  const auto add_stalled = [&report](const heartbeat& beats, bool waits_for_log) {
    if (!beats.stalled())
      return;
    report.stalled.push_back(beats.name());
    report.hangs |= !waits_for_log;
  };
  for (const auto& beats : threads_)
    add_stalled(*beats, false);
  for (const auto& watched : watched_)
    add_stalled(*watched.heartbeat, watched.waits_for_log);
  for (const auto& q : std::exchange(waiting_queries_, {}))
    q.answer(report);
}

} // namespace hubbub
