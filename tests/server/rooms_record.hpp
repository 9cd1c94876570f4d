// What one connection with many rooms sent and received, and the rules that its frames keep by
// themselves. Knows the hub's frames. Must not know sockets or the table.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace test {

using row_id = std::int64_t;

/// A message as a frame shows it, or as a row of the table.
struct shown_message {
  row_id id = 0;
  std::string room, text, connection;
  int number = 0;
  bool operator==(const shown_message&) const = default;
};

/// The texts for a violation.
std::string describe(const shown_message& what);

/// One room on one connection, from the frame `subscribe` or the opening to `unsubscribed` or the
/// end of the connection.
struct subscription_record {
  std::string room;
  bool first = false;          ///< Opened by the connection, so `init` is its answer.
  std::optional<row_id> after; ///< A cursor of this log. None: the history is due.
  std::optional<std::int64_t> most;
  /// The greatest id that the connection had been shown when it asked. Acks do not count: an ack
  /// may come before earlier rows of other hubs.
  row_id known = 0;
  bool left = false;  ///< `unsubscribe` was sent.
  bool ended = false; ///< `unsubscribed` has come.
  bool answered = false, resumed = false;
  std::optional<std::int64_t> missed;
  std::vector<row_id> ids; ///< What was shown: the history, and then the other messages.
  std::size_t history = 0; ///< How many of the ids came as history.
  std::optional<int> online;

  /// The cursor from which another subscription goes on. None: from the history.
  std::optional<row_id> cursor() const {
    if (ids.empty())
      return answered && !resumed ? 0 : after;
    return ids.back();
  }
};

/// A message that the connection sent to a room that it was subscribed to.
struct sent_post {
  std::string room, text, key;
  int acks_due = 0; ///< One for each time that it was sent with a key.
  std::optional<std::pair<row_id, int>> ack = {}; ///< The id and the number.
  bool refused = false; ///< The hub was busy at least once, so it need not be stored.
};

/// The record of one connection to a hub without a rate limit. The hub handles the frames of a
/// connection in their order, so the record knows what each of them must be answered with.
class connection_record {
public:
  /// `name` is for violations. The connection is opened with the fields `room`, and `after` and
  /// `log` if it resumes; `after` is a cursor of this log, or the resumption is due to fail.
  connection_record(std::string name, const std::string& first_room, std::optional<row_id> after,
                    std::size_t max_rooms);
  connection_record(const connection_record&) = delete;

  /// Records a frame that the client sends. `after` is as for the constructor; the field `after` of
  /// the frame may be a cursor that the log never gave out.
  void sent(const nlohmann::json& frame, std::optional<row_id> after = {});

  /// Records a frame that has arrived. A broken rule becomes a violation.
  void received(const nlohmann::json& frame);

  /// The connection has ended. The hub need not have received everything that was sent.
  void cut() { cut_ = true; }
  bool is_cut() const { return cut_; }

  /// Whether every answer that is due has come.
  bool settled() const;

  /// What `settled` waits for.
  std::string due() const;

  /// The subscription of that room for which no `unsubscribe` was sent. Null if there is none.
  const subscription_record* open(const std::string& room) const;

  /// The names of all such rooms.
  std::vector<std::string> open_rooms() const;

  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; } ///< Empty until `init` has come.
  const std::string& log() const { return log_; }
  const std::string& first_room() const { return first_room_; }
  const std::deque<subscription_record>& subscriptions() const { return subscriptions_; }
  const std::vector<sent_post>& posts() const { return posts_; }
  const std::map<row_id, shown_message>& shown() const { return shown_; }
  /// How many messages without a key the hub refused because it was busy.
  std::size_t keyless_refusals() const { return keyless_refusals_; }
  const std::vector<std::string>& violations() const { return violations_; }

private:
  using error = std::tuple<std::string, std::string, std::string>; ///< Code, room and key.

  void violation(const std::string& what);
  void add_subscription(const std::string& room, std::optional<row_id> after);
  void sent_message(const nlohmann::json& frame);
  subscription_record* current(const std::string& room);
  void answer(const nlohmann::json& frame, bool init);
  void show(subscription_record& to, const nlohmann::json& message);
  void unsubscribed(const nlohmann::json& frame);
  void acked(const nlohmann::json& frame);
  void refused(const nlohmann::json& frame);
  void busy(const nlohmann::json& frame);

  const std::string name_, first_room_;
  const std::size_t max_rooms_;
  std::string id_, log_;
  std::deque<subscription_record> subscriptions_; ///< All that were opened, in their order.
  std::map<std::string, subscription_record*> open_;
  std::map<std::string, std::deque<subscription_record*>> unended_; ///< By room.
  std::vector<sent_post> posts_;
  std::map<std::string, std::size_t> post_by_key_;
  std::multiset<error> errors_due_;
  std::map<row_id, shown_message> shown_;
  row_id newest_ = 0;
  std::size_t keyless_refusals_ = 0;
  bool cut_ = false;
  std::vector<std::string> violations_;
};

} // namespace test
