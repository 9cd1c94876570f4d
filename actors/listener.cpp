#include "actors/listener.hpp"

#include "actors/older_hub.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

constexpr std::chrono::milliseconds first_pause{20}, longest_pause{500};

/// How long it is good that an older hub lives, while no connection to the peers says so.
constexpr std::chrono::minutes answer_lasts{1};

void let_answer_lapse(listener_state& me, log_status& log) {
  const auto now = std::chrono::steady_clock::now();
  if (!log.available() || !me.lost_since)
    me.lost_since = now;
  else if (now - *me.lost_since >= answer_lasts)
    record_older_hub(log, false);
}

} // namespace

listener_actor::behavior_type listener(listener_actor::stateful_pointer<listener_state> self,
                                       std::shared_ptr<peer_hubs> peers,
                                       persistence_actor persistence, broadcaster_actor broadcaster,
                                       outbox_mover_actor outbox,
                                       std::shared_ptr<ingress_budget> ingress) {
  self->state.pause = first_pause;
  self->send(self, listen_atom_v);
  return {[self, peers = std::move(peers), persistence = std::move(persistence),
           broadcaster = std::move(broadcaster), outbox = std::move(outbox),
           ingress = std::move(ingress)](listen_atom) {
    auto& me = self->state;
    try {
      auto update = peers->wait();
      me.lost_since.reset();
      if (update.older_hub_lives)
        me.older_hub_lives = update.older_hub_lives;
      // With every update, because a log that was opened meanwhile may have recorded an older
      // answer.
      if (me.older_hub_lives)
        record_older_hub(ingress->log(), *me.older_hub_lives);
      // A new connection may lead to another server, which may have lost rows.
      if (update.newest || update.reconnected)
        self->send(persistence, log_advanced{update.newest, update.reconnected});
      if (update.reconnected || update.snapshot || !update.peer_counts.empty())
        self->send(broadcaster, peer_presence{std::move(update.peer_counts), update.snapshot,
                                              update.reconnected});
      if (update.reconnected)
        self->send(outbox, listen_atom_v, true);
      if (update.outbox || update.reconnected)
        self->send(outbox, outbox_atom_v);
      if (me.reason.clear())
        spdlog::info("updates of other hubs are received again");
      me.pause = first_pause;
      self->send(self, listen_atom_v);
    } catch (const log_not_created&) {
      // The persistence actor makes the tables, and warns if it cannot.
      self->delayed_send(self, me.pause, listen_atom_v);
      me.pause = std::min(2 * me.pause, longest_pause);
    } catch (const log_shutdown&) { // the hub ends
    } catch (const log_unavailable& e) {
      if (me.reason.is_new(e.what()))
        spdlog::warn("updates of other hubs cannot be received for now: {}", e.what());
      me.older_hub_lives.reset();
      self->send(outbox, listen_atom_v, false);
      let_answer_lapse(me, ingress->log());
      self->delayed_send(self, me.pause, listen_atom_v);
      me.pause = std::min(2 * me.pause, longest_pause);
    }
  }};
}

} // namespace hubbub
