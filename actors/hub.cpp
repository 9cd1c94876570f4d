#include "actors/hub.hpp"

#include "actors/broadcaster.hpp"
#include "actors/history.hpp"
#include "actors/indexer.hpp"
#include "actors/listener.hpp"
#include "actors/outbox_mover.hpp"
#include "actors/persistence.hpp"

#include <caf/thread_hook.hpp>
#include <openssl/crypto.h>
#include <pthread.h>

#include <algorithm>

namespace hubbub {

namespace {

/// Requests of `request_page` that may be in flight. More would wait longer than clients do.
constexpr std::size_t max_page_requests = 64;
/// The bytes of such a page, as rows and as the answer, with data that exceeds client_page_bytes.
constexpr std::size_t max_page_bytes = 2 << 20;

/// The same for searches, which take longer, and have places of their own.
constexpr int max_searches = 8;

/// Spawns an actor on a thread of its own, and names the thread.
template<class Behavior, class Self, class... Given, class... Args>
auto spawn_detached(caf::actor_system& system, const char* name, Behavior (*start)(Self, Given...),
                    Args... args) {
  return system.spawn<caf::detached>(
      [](Self self, const char* thread, Behavior (*begin)(Self, Given...), Args... with) {
        pthread_setname_np(pthread_self(), thread);
        return begin(self, std::move(with)...);
      },
      name, start, std::move(args)...);
}

/// Frees OpenSSL's data of a thread, which libpq causes, before CAF counts the thread as ended. CAF
/// does not join detached threads: such a thread may still be ending when the process exits, and
/// then both the thread and OpenSSL's exit handler would free the same data.
class openssl_cleanup : public caf::thread_hook {
  void init(caf::actor_system&) override {}
  void thread_started() override {}
  void thread_terminates() override { OPENSSL_thread_stop(); }
};

template<class Handle>
watched_actor watch(const char* name, const Handle& handle, bool waits_for_log) {
  return {caf::actor_cast<caf::actor>(handle), std::make_shared<heartbeat>(name), waits_for_log};
}

} // namespace

hub::config::config(std::size_t workers) {
  add_message_types<caf::id_block::hubbub>();
  // The default policy, work stealing, polls: it is many times slower at fan-out, and never idle.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", workers);
  add_thread_hook<openssl_cleanup>();
}

hub::hub(hub_settings settings)
    : config_(settings.workers), system_(config_),
      ingress_(std::make_shared<ingress_budget>(
          std::int64_t(settings.memory->share(std::size_t(settings.ingress_limit), 16)))),
      counters_(std::move(settings.counters)), calls_(std::make_shared<inflight_calls>()),
      watchdog_(system_.spawn(watchdog, calls_)),
      make_log_([make = std::move(settings.make_log), calls = calls_] {
        return with_deadlines(make(), calls);
      }),
      history_((calls_->set_watchdog(watchdog_),
                spawn_detached(system_, "history", history, make_log_, std::function<void()>()))),
      archive_(spawn_detached(system_, "archive", history, make_log_, std::function<void()>())),
      search_(std::make_shared<search_state>(settings.index != nullptr)),
      index_(std::move(settings.index)),
      broadcaster_(system_.spawn(broadcaster, history_,
                                 broadcaster_settings{.delivery_bytes = settings.outbox_limit,
                                                      .peers = settings.peers,
                                                      .counters = counters_,
                                                      .memory = settings.memory})),
      persistence_(spawn_detached(system_, "persistence", persistence, make_log_, broadcaster_,
                                  ingress_, counters_, settings.memory)),
      prober_(spawn_detached(system_, "prober", prober, make_log_, persistence_)),
      health_(spawn_detached(system_, "health", health, prober_,
                             std::shared_ptr<const ingress_budget>(ingress_),
                             std::vector<watched_actor>{
                                 watch("broadcaster", broadcaster_, false),
                                 watch("persistence", persistence_, true),
                                 watch("history", history_, true),
                                 watch("archive", archive_, true),
                             },
                             std::move(settings.threads))),
      peers_(std::move(settings.peers)), memory_(std::move(settings.memory)),
      context_(std::make_shared<const hub_context>(
          hub_context{broadcaster_, persistence_, ingress_, settings.rate, counters_,
                      settings.max_rooms, settings.max_data})) {
  if (peers_) {
    outbox_ = spawn_detached(
        system_, "outbox", outbox_mover, make_log_,
        outbox_mover_settings{persistence_, ingress_, counters_, memory_, settings.max_data});
    listener_ = spawn_detached(system_, "listener", listener, peers_, persistence_, broadcaster_,
                               outbox_, ingress_);
  }
  if (!index_)
    return;
  indexer_ = spawn_detached(system_, "indexer", indexer, index_, search_);
  searcher_ = spawn_detached(system_, "searcher", history, make_log_,
                             std::function<void()>([search = search_, indexer = indexer_] {
                               if (search->set_lost())
                                 caf::anon_send(indexer, index_atom_v);
                             }));
  caf::anon_send(indexer_, index_atom_v);
}

hub::~hub() {
  ingress_->clear_callbacks();
  if (peers_) {
    peers_->stop();
    caf::anon_send_exit(listener_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(outbox_, caf::exit_reason::user_shutdown);
  }
  if (index_) {
    index_->stop();
    caf::anon_send_exit(indexer_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(searcher_, caf::exit_reason::user_shutdown);
  }
  for (const auto& a :
       {caf::actor_cast<caf::actor>(persistence_), caf::actor_cast<caf::actor>(history_),
        caf::actor_cast<caf::actor>(archive_), caf::actor_cast<caf::actor>(health_),
        caf::actor_cast<caf::actor>(prober_), caf::actor_cast<caf::actor>(broadcaster_),
        caf::actor_cast<caf::actor>(watchdog_)})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
}

connection_actor hub::connect(connection_params params) {
  return system_.spawn(connection, context_, std::move(params));
}

void hub::check_health(std::function<void(const health_report&)> answer) {
  caf::anon_send(health_, health_query{std::move(answer)});
}

void hub::request_page(page_request what, std::function<void(const page&)> answer) {
  const bool searches = what.search.has_value();
  const auto& in_flight = searches ? searches_ : history_requests_;
  const auto places =
      int(memory_->share(max_page_requests * max_page_bytes, 16, max_page_bytes) / max_page_bytes);
  const auto most =
      memory_->level() < pressure::tight ? (searches ? std::min(places, max_searches) : places) : 1;
  if (in_flight->fetch_add(1) >= most) {
    --*in_flight;
    return answer(nullptr);
  }
  const auto asker = [](caf::event_based_actor* self, const history_actor& archive,
                        const page_request& what, const std::function<void(const page&)>& answer,
                        const std::shared_ptr<std::atomic<int>>& in_flight) {
    const auto done = [=](const page& rows) {
      --*in_flight;
      answer(rows);
    };
    self->request(archive, caf::infinite, what).then(done, [=](const caf::error&) {
      done(nullptr);
    });
  };
  system_.spawn(asker, searches ? searcher_ : archive_, std::move(what), std::move(answer),
                in_flight);
}

void hub::publish(publish_request what) {
  // The actor ends at once: the answer comes from the persistence actor.
  const auto reader = [](caf::event_based_actor*, const std::shared_ptr<const hub_context>& hub,
                         const std::shared_ptr<publish_request>& request) {
    hubbub::publish(*hub, std::move(*request));
  };
  system_.spawn(reader, context_, std::make_shared<publish_request>(std::move(what)));
}

void hub::request_room_stats(std::function<void(const room_stats&)> answer) {
  const auto asker = [](caf::event_based_actor* self, const broadcaster_actor& broadcaster,
                        const std::function<void(const room_stats&)>& answer) {
    self->request(broadcaster, caf::infinite, room_stats_atom_v)
        .then([=](const room_stats& now) { answer(now); }, [=](const caf::error&) { answer({}); });
  };
  system_.spawn(asker, broadcaster_, std::move(answer));
}

void hub::shed() {
  caf::anon_send(broadcaster_, shed_atom_v);
}

bool hub::drain(std::chrono::milliseconds at_most) {
  bool done = false;
  caf::scoped_actor self(system_);
  self->request(persistence_, at_most, drain_atom_v)
      .receive([&](bool all) { done = all; }, [](const caf::error&) {});
  return done;
}

} // namespace hubbub
