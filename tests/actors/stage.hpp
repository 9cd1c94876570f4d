// Where actors are tested: a scheduler that runs when it is told to, a clock that moves when it is
// told to, a sink that remembers, and a log that fails on demand.
#pragma once

#include "actors/broadcaster.hpp"
#include "actors/connection.hpp"
#include "actors/history.hpp"
#include "actors/persistence.hpp"
#include "storage/sql_log.hpp"
#include "tests/support/sqlite.hpp"

#include <boost/uuid/random_generator.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>

namespace test {

using namespace hubbub;
using nlohmann::json;
using namespace std::chrono_literals;

/// Plays the sessions of one io thread: unframes what each got, and keeps it.
struct recording_sink final : session_sink {
  std::map<session_ref, std::vector<json>> got;
  std::map<session_ref, std::uint32_t> settled, refused;
  std::map<session_ref, std::size_t> settled_bytes;
  std::map<session_ref, delivery> last;
  std::map<session_ref, room_ref> live;
  std::vector<std::uint16_t> closes; ///< Of all sessions at once.
  std::vector<std::size_t> batches;  ///< Messages in each publication.
  int publications = 0;
  bool keeps_credit = false; ///< As a sink that does not get on with its work.
  std::vector<ingress_credit> credits;

  void publish(room_ref room, const chunk& what, const ingress_credit& credit) override {
    ++publications;
    if (keeps_credit)
      credits.push_back(credit);
    batches.push_back(what.messages);
    for (const auto& [session, where] : live)
      if (where == room)
        take(session, *what.bytes);
  }
  void deliver(session_ref to, room_ref room, delivery what) override {
    std::string all;
    for (const auto& bytes : what.bytes)
      all += *bytes;
    take(to, all);
    if (what.live)
      live[to] = room;
    last[to] = std::move(what);
  }
  void reply(session_ref to, std::string bytes, frame_volume done, std::uint32_t wrong) override {
    refused[to] += wrong;
    take(to, bytes);
    settled[to] += done.frames;
    settled_bytes[to] += done.bytes;
  }
  void close_all(std::uint16_t code, std::size_t, std::size_t) override {
    closes.push_back(code);
    live.clear();
  }

  std::vector<row_id> ids(session_ref of) {
    std::vector<row_id> out;
    for (const auto& event : got[of]) {
      if (event["type"] == "init")
        for (const auto& m : event["history"])
          out.push_back(m["id"]);
      if (event["type"] == "message")
        out.push_back(event["id"]);
    }
    return out;
  }

private:
  void take(session_ref to, std::string_view bytes) {
    while (!bytes.empty()) {
      REQUIRE(bytes[0] == char(0x81));
      std::size_t size = bytes[1] & 0x7f, skip = 2;
      for (int more = size == 126 ? 2 : size == 127 ? 8 : 0; more > 0; --more, ++skip)
        size = (skip == 2 ? 0 : size << 8) | static_cast<unsigned char>(bytes[skip]);
      got[to].push_back(json::parse(bytes.substr(skip, size)));
      bytes.remove_prefix(skip + size);
    }
  }
};

/// What a test can do to the log, and see of it.
struct faults {
  int unavailable = 0;  ///< This many calls fail before they do anything.
  int lost_answers = 0; ///< This many appends are stored, and fail then.
  std::set<std::string> poison;
  std::set<std::string> objectionable; ///< As poison, but the log does not know that it is so.
  int objections = 0;                  ///< This many appends are objected to.
  std::size_t quick = 1 << 20;         ///< Drafts that can be stored in time.
  bool sick = false;                   ///< The check fails.
  int first_pages = 0;                 ///< Questions for the newest of rooms.
  std::vector<std::size_t> appended;   ///< Sizes of the batches that were tried.
};

class faulty_log final : public log {
public:
  faulty_log(std::unique_ptr<log> real, std::shared_ptr<faults> what)
      : real_(std::move(real)), what_(std::move(what)) {}

  std::string open() override { return may_fail(), real_->open(); }
  appended append(std::span<draft> drafts) override {
    may_fail();
    what_->appended.push_back(drafts.size());
    for (const auto& d : drafts)
      if (what_->poison.count(d.text))
        throw log_refusal("poison");
    for (const auto& d : drafts)
      if (what_->objectionable.count(d.text))
        throw log_objection("poison");
    if (what_->objections > 0) {
      --what_->objections;
      throw log_objection("for now");
    }
    if (drafts.size() > what_->quick)
      throw log_too_slow("slow");
    if (what_->lost_answers > 0) {
      --what_->lost_answers;
      std::vector<std::int32_t> counters;
      for (const auto& d : drafts)
        counters.push_back(d.from->stored);
      real_->append(drafts);
      for (std::size_t i = drafts.size(); i-- > 0;)
        drafts[i].from->stored = counters[i];
      throw log_unavailable("the answer was lost");
    }
    return real_->append(drafts);
  }
  std::vector<message> after(row_id cursor, row_id last, int limit) override {
    return may_fail(), real_->after(cursor, last, limit);
  }
  std::vector<message> after(const std::string& room, row_id cursor, int limit) override {
    return may_fail(), real_->after(room, cursor, limit);
  }
  std::vector<message> before(const std::string& room, row_id bound, int limit) override {
    return may_fail(), real_->before(room, bound, limit);
  }
  std::vector<message> newest(const std::vector<std::string>& rooms, row_id bound,
                              int limit) override {
    ++what_->first_pages;
    return may_fail(), real_->newest(rooms, bound, limit);
  }
  row_id newest() override { return may_fail(), real_->newest(); }
  void check() override {
    may_fail();
    if (what_->sick)
      throw log_unavailable("sick");
    real_->check();
  }
  void verify() override { may_fail(), real_->verify(); }
  void interrupt() override { real_->interrupt(); }

private:
  void may_fail() {
    if (what_->unavailable > 0) {
      --what_->unavailable;
      throw log_unavailable("away");
    }
  }

  std::unique_ptr<log> real_;
  std::shared_ptr<faults> what_;
};

class stage {
public:
  stage()
      : system(config),
        scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {}

  /// Runs until nobody has anything to do at this moment.
  void run() { scheduler.run(); }

  void pass(caf::timespan time) {
    scheduler.advance_time(time);
    run();
  }

  log_factory make_log() const {
    return [url = db.url(), what = what] {
      return std::make_unique<faulty_log>(make_sql_log(parse_database_url(url)), what);
    };
  }

  sqlite db;
  std::shared_ptr<faults> what = std::make_shared<faults>();
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

/// The whole chain of actors but the sockets; clients are numbers.
struct whole_hub : stage {
  history_actor log_reader = system.spawn(hubbub::history, make_log());
  broadcaster_actor broadcaster =
      system.spawn(hubbub::broadcaster, log_reader,
                   broadcaster_settings{.delivery_bytes = 2000, .tail_bytes = 4000});
  persistence_actor persistence =
      system.spawn(hubbub::persistence, make_log(), broadcaster, ingress,
                   std::make_shared<hub_counters>(), std::make_shared<memory_budget>());
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

  /// As another hub would: a row that nobody here has heard of.
  void store_elsewhere(int rows = 1) {
    for (; rows > 0; --rows)
      db.sql("insert into messages (text, connection_id, user_message_number, created_at) values "
             "('theirs', '0a0b0c0d-0102-4304-8506-0708090a0b0c', " +
             std::to_string(++elsewhere) + ", '2026-01-31 09:30:00')");
  }
  int elsewhere = 0;

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

/// With client 1 in the lobby.
struct hub_with_client : whole_hub {
  hub_with_client() {
    enter(1);
    run();
  }
};

} // namespace test
