#include "actors/health.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 900ms, look_every = 1000ms, good_for = 500ms, reading_good_for = 2000ms,
               settle_every = 20ms;

} // namespace

prober_actor::behavior_type prober(prober_actor::stateful_pointer<prober_state> self,
                                   const log_factory& make) {
  self->state.store = make();
  return {[self](probe_atom) -> caf::result<bool> {
    auto& reason = self->state.reason;
    const std::string unreachable = "the database cannot be reached, written or read";
    const auto tell = [&reason](const std::exception& e) {
      if (reason.is_new(e.what()))
        spdlog::warn("health is asked for, and the log is not well: {}", e.what());
    };
    try {
      self->state.store->check();
      if (reason.over())
        spdlog::info("health is asked for, and the log is well again");
      return true;
    } catch (const log_file_lost& e) {
      tell(e);
      return caf::make_error(caf::sec::runtime_error, std::string(e.what()));
    } catch (const log_not_created&) { // the log makes the tables, and warns if it cannot
      return caf::make_error(caf::sec::runtime_error, unreachable);
    } catch (const std::exception& e) {
      tell(e); // which may name hosts and users
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
      [this](health_query& q) { take(std::move(q)); },
      [this](probe_atom) { request_heartbeats(); },
      [this](continue_probe_atom) { phase_ == phase::due ? ask() : hear(true, {}); },
      [this](health_query_timeout late) {
        if (phase_ == phase::none || late.question != asked_)
          return;
        overdue_ = true;
        answer(ingress_->log().written_since(asked_at_)); // then only the probe has to wait
      },
  };
}

void health_state::request_heartbeats() {
  for (const auto& p : watched_)
    if (p.sign->expect())
      caf::anon_send<caf::message_priority::high>(p.whom, heartbeat_request{p.sign});
  self_->delayed_send(self_, look_every, probe_atom_v);
}

void health_state::take(health_query q) {
  const auto now = log_status::clock::now();
  waiting_.push_back(std::move(q));
  const bool well = ingress_->log().available();
  const bool written = well && ingress_->log().written_since(now - good_for);
  if (written && answer_ && now - answered_at_ < reading_good_for)
    answer(true);
  else if (overdue_)
    answer(written);
  else if (phase_ == phase::none && well && answer_ && now - answered_at_ < good_for)
    answer(true);
  else if (phase_ == phase::none)
    begin(std::max(good_for - (now - answered_at_), 0ns));
}

void health_state::begin(std::chrono::nanoseconds pause) {
  asked_at_ = log_status::clock::now();
  self_->delayed_send(self_, patience, health_query_timeout{++asked_});
  phase_ = phase::due;
  if (pause > 0ns)
    self_->delayed_send(self_, pause, continue_probe_atom_v);
  else
    ask();
}

void health_state::ask() {
  phase_ = phase::asked;
  self_->request(prober_, caf::infinite, probe_atom_v)
      .then([this](bool alive) { hear(alive, {}); },
            [this](const caf::error& e) {
              const auto& told = e.context();
              hear(false, told.match_elements<std::string>() ? told.get_as<std::string>(0)
                                                             : std::string());
            });
}

void health_state::hear(bool alive, std::string reason) {
  const auto now = log_status::clock::now();
  if (alive && !ingress_->log().available() && now - asked_at_ < patience) {
    phase_ = phase::settling;
    self_->delayed_send(self_, settle_every, continue_probe_atom_v);
    return;
  }
  phase_ = phase::none;
  overdue_ = false;
  answered_at_ = now;
  reason_ = std::move(reason);
  answer_ = alive && ingress_->log().available();
  answer(answer_);
}

void health_state::answer(bool database) {
  health_report how;
  how.database = database && ingress_->log().available();
  if (!how.database)
    how.reason = overdue_          ? "the database does not answer"
                 : reason_.empty() ? "the log is not open yet, or on its way back"
                                   : reason_;
  const auto look = [&how](const heartbeat& sign, bool waits_for_log) {
    if (!sign.stalled())
      return;
    how.stalled.push_back(sign.name());
    how.hangs |= !waits_for_log;
  };
  for (const auto& sign : threads_)
    look(*sign, false);
  for (const auto& p : watched_)
    look(*p.sign, p.waits_for_log);
  for (const auto& q : std::exchange(waiting_, {}))
    q.answer(how);
}

} // namespace hubbub
