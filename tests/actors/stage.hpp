// The stage for tests of actors: a scheduler and a clock that the test drives, and a log that fails
// on demand.
#pragma once

#include "actors/broadcaster.hpp"
#include "actors/connection.hpp"
#include "actors/history.hpp"
#include "actors/persistence.hpp"
#include "storage/sql_log.hpp"
#include "tests/actors/faulty_log.hpp"
#include "tests/actors/recording_sink.hpp"
#include "tests/support/sqlite.hpp"

#include <boost/uuid/random_generator.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <map>

namespace test {

using namespace std::chrono_literals;

class stage {
public:
  stage()
      : system(config),
        scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
    injected->fork_at = [this](row_id first) {
      db.sql("delete from sqlite_sequence where name = 'messages'");
      db.sql("insert into sqlite_sequence (name, seq) values ('messages', " +
             std::to_string(first - 1) + ")");
    };
  }

  /// Runs all actors until every mailbox is empty. The clock stands still.
  void run() { scheduler.run(); }

  /// Moves the clock, and then runs all actors.
  void pass(caf::timespan time) {
    scheduler.advance_time(time);
    run();
  }

  log_factory make_log() const {
    return [url = db.url(), injected = injected] {
      return std::make_unique<faulty_log>([url] { return make_sql_log(parse_database_url(url)); },
                                          injected);
    };
  }

  sqlite db;
  std::shared_ptr<faults> injected = std::make_shared<faults>();
  recording_sink sink;
  std::shared_ptr<ingress_budget> ingress = std::make_shared<ingress_budget>(1 << 20);

private:
  struct test_config : caf::actor_system_config {
    test_config() {
      add_message_types<caf::id_block::hubbub>();
      set("scheduler.policy", caf::atom("testing"));
    }
  } config;

public:
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
};

/// All actors on the way of a message, without sockets. A client is a number.
struct whole_hub : stage {
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>(); ///< Of persistence.
  history_actor log_reader = system.spawn(hubbub::history, make_log(), std::function<void()>());
  broadcaster_actor broadcaster =
      system.spawn(hubbub::broadcaster, log_reader,
                   broadcaster_settings{.delivery_bytes = 2000, .tail_bytes = 4000});
  persistence_actor persistence =
      system.spawn(hubbub::persistence, make_log(), broadcaster, ingress, counters,
                   std::make_shared<memory_budget>());
  std::shared_ptr<hub_context> context =
      std::make_shared<hub_context>(hub_context{broadcaster, persistence, ingress, 0});
  std::map<session_ref, connection_actor> clients;
  std::map<session_ref, std::size_t> sent_bytes;

  ~whole_hub() {
    for (const auto& [ref, c] : clients)
      caf::anon_send_exit(c, caf::exit_reason::kill);
    caf::anon_send_exit(persistence, caf::exit_reason::kill);
    caf::anon_send_exit(broadcaster, caf::exit_reason::kill);
    caf::anon_send_exit(log_reader, caf::exit_reason::kill);
    clients.clear();
    run();
  }

  /// Stores rows as another hub would, without notice to this one.
  void store_elsewhere(int rows = 1) {
    for (; rows > 0; --rows)
      db.sql("insert into messages (text, connection_id, user_message_number, created_at) values "
             "('theirs', '0a0b0c0d-0102-4304-8506-0708090a0b0c', " +
             std::to_string(++elsewhere) + ", '2026-01-31 09:30:00')");
  }
  int elsewhere = 0;

  /// Loses the rows after this id, as a standby does that is promoted too early. The hub makes the
  /// fork when it notices.
  void lose_after(row_id after) {
    db.sql("delete from messages where id > " + std::to_string(after));
    injected->lost_after = after;
  }

  /// Loses the rows after this id, and another hub, which has seen `seen`, makes the fork. Returns
  /// where ids go on.
  row_id fork_elsewhere(row_id after, row_id seen) {
    db.sql("delete from messages where id > " + std::to_string(after));
    return injected->fork(after, seen);
  }

  /// The listener's connection is new, so persistence verifies the log.
  void reconnect() { caf::anon_send(persistence, log_advanced{0, true}); }

  void enter(session_ref client, std::optional<position> from = {}, std::string room = "lobby",
             ingress_quota_ptr quota = std::make_shared<ingress_quota>()) {
    connection_params params{std::move(room), &sink, client, std::move(from)};
    params.quota = std::move(quota);
    clients.insert_or_assign(client, system.spawn(connection, context, std::move(params)));
  }
  void say(session_ref client, const std::string& text, const std::string& key = {}) {
    json frame{{"type", "message"}, {"text", text}};
    if (!key.empty())
      frame["key"] = key;
    auto bytes = frame.dump();
    sent_bytes[client] += bytes.size();
    caf::anon_send(clients.at(client), hubbub::frame{std::move(bytes)});
  }
};

/// A hub with client 1 in the lobby.
struct hub_with_client : whole_hub {
  hub_with_client() {
    enter(1);
    run();
  }
};

} // namespace test
