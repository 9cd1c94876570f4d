#include "actors/hub.hpp"

#include "actors/broadcaster.hpp"
#include "actors/health.hpp"
#include "actors/history.hpp"
#include "actors/listener.hpp"
#include "actors/persistence.hpp"

namespace hubbub {

namespace {

/// Pages that may be asked for at once; more would wait longer than anyone does.
constexpr int most_leafing = 64;

} // namespace

hub::config::config(std::size_t workers) {
  add_message_types<caf::id_block::hubbub>();
  // The default policy polls and walks its queues: many times slower at fan-out, and never idle.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", workers);
}

hub::hub(hub_settings settings)
    : config_(settings.workers), system_(config_),
      accepted_(std::make_shared<intake>(settings.intake_limit)),
      counted_(std::move(settings.counted)), calls_(std::make_shared<call_register>()),
      watchdog_(system_.spawn(watchdog, calls_)),
      make_log_([make = std::move(settings.make_log), calls = calls_] {
        return with_deadlines(make(), calls);
      }),
      history_((calls_->watched_by(watchdog_), system_.spawn<caf::detached>(history, make_log_))),
      archive_(system_.spawn<caf::detached>(history, make_log_)),
      broadcaster_(system_.spawn(broadcaster, history_,
                                 broadcaster_settings{.delivery_bytes = settings.outbox_limit,
                                                      .others = settings.others,
                                                      .counted = counted_})),
      persistence_(
          system_.spawn<caf::detached>(persistence, make_log_, broadcaster_, accepted_, counted_)),
      health_(system_.spawn(health, make_log_)), others_(std::move(settings.others)),
      surroundings_(std::make_shared<const surroundings>(
          surroundings{broadcaster_, persistence_, accepted_, settings.rate, counted_})) {
  if (others_)
    listener_ = system_.spawn<caf::detached>(listener, others_, persistence_, broadcaster_);
}

hub::~hub() {
  accepted_->call_nobody();
  if (others_) {
    others_->end();
    caf::anon_send_exit(listener_, caf::exit_reason::user_shutdown);
  }
  for (const auto& a :
       {caf::actor_cast<caf::actor>(persistence_), caf::actor_cast<caf::actor>(history_),
        caf::actor_cast<caf::actor>(archive_), caf::actor_cast<caf::actor>(health_),
        caf::actor_cast<caf::actor>(broadcaster_), caf::actor_cast<caf::actor>(watchdog_)})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
}

connection_actor hub::open(opening how) {
  return system_.spawn(connection, surroundings_, std::move(how));
}

void hub::ask_health(std::function<void(bool)> answer) {
  const auto asker = [](caf::event_based_actor* self, const health_actor& health,
                        const std::shared_ptr<intake>& accepted,
                        const std::function<void(bool)>& answer) {
    self->request(health, caf::infinite, probe_atom_v)
        .then([=](bool alive) { answer(alive && accepted->log_is_well()); },
              [=](const caf::error&) { answer(false); });
  };
  system_.spawn(asker, health_, accepted_, std::move(answer));
}

void hub::ask_past(page_request what, std::function<void(const page&)> answer) {
  if (leafing_->fetch_add(1) >= most_leafing) {
    --*leafing_;
    return answer(nullptr);
  }
  const auto asker = [](caf::event_based_actor* self, const history_actor& archive,
                        const page_request& what, const std::function<void(const page&)>& answer,
                        const std::shared_ptr<std::atomic<int>>& leafing) {
    const auto done = [=](const page& rows) {
      --*leafing;
      answer(rows);
    };
    self->request(archive, caf::infinite, what).then(done, [=](const caf::error&) {
      done(nullptr);
    });
  };
  system_.spawn(asker, archive_, std::move(what), std::move(answer), leafing_);
}

void hub::ask_census(std::function<void(const census&)> answer) {
  const auto asker = [](caf::event_based_actor* self, const broadcaster_actor& rooms,
                        const std::function<void(const census&)>& answer) {
    self->request(rooms, caf::infinite, census_atom_v)
        .then([=](const census& now) { answer(now); }, [=](const caf::error&) { answer({}); });
  };
  system_.spawn(asker, broadcaster_, std::move(answer));
}

bool hub::drain(std::chrono::milliseconds at_most) {
  bool done = false;
  caf::scoped_actor self(system_);
  self->request(persistence_, at_most, drain_atom_v)
      .receive([&](bool all) { done = all; }, [](const caf::error&) {});
  return done;
}

} // namespace hubbub
