// A chat client whose behaviour comes from a seed: it has one to fifty rooms on a connection,
// sends, reads at a varying pace, changes its rooms, drops its connection, resumes each room with a
// cursor, and sends again what was not acknowledged. Knows the hub's frames and what they promise;
// must not know the faults or the table.
#pragma once

#include "tests/torture/shared_state.hpp"
#include "tests/torture/ws_connection.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace torture {

/// Every fifth client is an old one, which does not know the frames about lost messages. Every
/// third client has one room at a time. Threads: `run` has a thread of its own; `done` and `state`
/// may be called by any thread.
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

  /// A room of the current connection.
  struct subscription {
    reading* reads;
    std::optional<long> most = {}; ///< The field `most` of the request.
    bool answered = false;         ///< `init` or `subscribed` has come.
    bool leaving = false;          ///< `unsubscribe` was sent.
  };

  std::uint16_t choose_hub();
  void connected();
  bool may_send(const post& what) const;
  void sent(post& what);
  void check_stored(post& what);
  void check_refused(post& what, const std::string& code);

  void run_connection();
  void choose_rooms();
  void change_wanted();
  void subscribe(const std::string& room);
  reading& choose_reading(const std::string& room);
  void leave_behind();
  bool resumes(const reading& what) const;
  std::string some_room();
  std::string target() const;
  void ask_for_rooms(ws_connection& to);
  void ask_for(ws_connection& to, const std::string& room);
  void change_rooms(ws_connection& to);
  test::deadline opening_time();

  void handle(const nlohmann::json& frame, plan& plan);
  void handle_init(const nlohmann::json& init);
  void handle_answer(const nlohmann::json& answer);
  void handle_unsubscribed(const nlohmann::json& frame);
  subscription* find(const nlohmann::json& frame, bool answered);
  void handle_message(const nlohmann::json& message, reading& into);
  void handle_ack(const nlohmann::json& ack);
  void handle_error(const nlohmann::json& error);
  void handle_fork(const nlohmann::json& what, reading* in);

  void send_some(ws_connection& to, plan& plan);
  void send_new(ws_connection& to);
  void send_post(ws_connection& to, row_id index);
  std::string room_for(const post& what);
  void resend_due(ws_connection& to);
  bool leave(ws_connection& from, plan& plan);
  void update_done();
  bool has_reached(phase goal) const;
  bool has_read_all(const subscription& of) const;
  bool holds_lost_messages() const;
  std::string name_of(const std::string& room) const;

  const int index_;
  const bool steady_, slow_, knows_forks_;
  shared_state& shared_;
  random_source random_;
  client_record record_;
  connection_record* connection_ = nullptr;
  std::size_t slot_ = 0;   ///< The hub of the current connection, where some are older ones.
  bool knows_data_ = true; ///< The hub of the current connection is certainly a newer one.
  bool greeted_ = false;   ///< The `init` of the current connection has come.
  const std::size_t most_rooms_;
  std::set<std::string> wanted_; ///< The rooms to open with the next connection.
  std::string first_;            ///< The room that the current connection was opened with.
  bool asked_ = false;           ///< The other rooms were asked for.
  bool gave_up_ = false;         ///< A room of an earlier connection is not resumed.
  std::map<std::string, subscription> rooms_; ///< Of the current connection.
  std::map<std::string, reading*> last_;      ///< The last reading of each room that was opened.
  /// The index of each unacknowledged post, and when to send it again.
  std::map<row_id, clock::time_point> unacked_;
  std::map<std::string, row_id> by_key_;
  std::atomic<phase> done_in_ = phase::storm; ///< The last phase whose goal was reached.
  std::atomic<std::size_t> waits_for_ = 0;
  std::atomic<row_id> read_to_ = 0;
  mutable std::mutex mutex_;
  std::string behind_; ///< A room that is not read to its end. Guarded by `mutex_`.
};

} // namespace torture
