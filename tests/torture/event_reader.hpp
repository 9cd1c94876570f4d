// A reader of server-sent events whose behaviour comes from a seed: it has one to thirty rooms on a
// line, reads at a varying pace, drops its line, and comes back with the id of the last event.
// Knows the events and what their ids promise; must not know the faults or the table.
#pragma once

#include "tests/torture/event_connection.hpp"
#include "tests/torture/shared_state.hpp"

#include <nlohmann/json.hpp>

namespace torture {

/// Every other reader has one room. Threads: `run` has a thread of its own; `done` and `state` may
/// be called by any thread.
class event_reader {
public:
  event_reader(int index, std::uint64_t seed, shared_state& shared);

  /// Opens one line after another until the phase is `over`.
  void run();

  /// Whether the reader has reached the goal of the current phase.
  bool done() const { return done_in_ == shared_.now; }

  /// May be called once `run` has returned.
  const client_record& record() const { return record_; }

  /// What the reader waits for, as one line.
  std::string state() const;

private:
  /// A room of the line.
  struct subscription {
    reading* reads;
    bool answered = false; ///< `init` or `subscribed` has come on this line.
    row_id last = 0;       ///< The last message on this line.
  };

  void run_line();
  void begin_anew();
  std::string target() const;
  test::deadline opening_time();
  void handle(const test::stream_event& event);
  void handle_answer(const nlohmann::json& answer, bool first);
  void handle_message(const nlohmann::json& message);
  void handle_fork(const nlohmann::json& what, reading& in);
  void handle_close(const nlohmann::json& what);
  subscription* find(const nlohmann::json& data, bool answered);
  void add(const nlohmann::json& message, subscription& to);
  void update_done();
  bool has_read_all(const subscription& of) const;
  void violation(const std::string& what);

  const int index_;
  const bool slow_;
  shared_state& shared_;
  random_source random_;
  client_record record_;
  std::map<std::string, subscription> rooms_;
  std::string first_;    ///< The first room of the line.
  std::string id_;       ///< Of the last event.
  std::string began_at_; ///< The id that the present line was opened with.
  bool closed_ = false;  ///< The event `close` has come.
  std::atomic<phase> done_in_ = phase::storm;
  std::atomic<row_id> read_to_ = 0;
};

} // namespace torture
