// A chat client whose behaviour comes from a seed: it sends, reads at a varying pace, drops its
// connection, resumes with a cursor, and sends again what was not acknowledged.
// Knows the hub's frames and what they promise; must not know the faults or the table.
#pragma once

#include "tests/torture/shared_state.hpp"
#include "tests/torture/ws_connection.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace torture {

/// Every fifth client is an old one, which does not know the frames about lost messages.
/// Threads: `run` has a thread of its own; `done` and `state` may be called by any thread.
class client {
public:
  client(int index, std::uint64_t seed, shared_state& shared);

  /// Opens one connection after another until the phase is `over`.
  void run();

  /// Whether the client has reached the goal of the current phase.
  bool done() const { return done_in_ == shared_.now; }

  /// May be called once `run` has returned.
  const client_record& record() const { return record_; }

  /// What the client waits for, as one line.
  std::string state() const;

private:
  /// The times of the next actions on the current connection.
  struct plan {
    clock::time_point send, leave, stop_reading, read_on;
  };

  void run_connection();
  void choose_reading();
  std::string target() const;
  test::deadline opening_time();

  void handle(const nlohmann::json& frame, plan& plan);
  void handle_init(const nlohmann::json& init);
  void handle_message(const nlohmann::json& message, const std::string& room);
  void handle_ack(const nlohmann::json& ack);
  void handle_error(const nlohmann::json& error);
  void handle_fork(const nlohmann::json& what);

  void send_some(ws_connection& to, plan& plan);
  void send_new(ws_connection& to);
  void send_post(ws_connection& to, row_id index);
  void resend_due(ws_connection& to);
  bool leave(ws_connection& from, plan& plan);
  void update_done();
  bool has_reached(phase goal) const;
  bool holds_lost_messages() const;

  const int index_;
  const bool steady_, slow_, knows_forks_;
  shared_state& shared_;
  random_source random_;
  client_record record_;
  reading* reading_ = nullptr;
  connection_record* connection_ = nullptr;
  bool greeted_ = false; ///< The `init` of the current connection has come.
  std::string room_;
  /// The index of each unacknowledged post, and when to send it again.
  std::map<row_id, clock::time_point> unacked_;
  std::map<std::string, row_id> by_key_;
  std::atomic<phase> done_in_ = phase::storm; ///< The last phase whose goal was reached.
  std::atomic<std::size_t> waits_for_ = 0;
  std::atomic<row_id> read_to_ = 0;
};

} // namespace torture
