// What one client sent and received, recorded during the run and judged by the checker afterwards.
// Knows neither sockets nor the table.
#pragma once

#include "tests/torture/hub_versions.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace torture {

using row_id = std::int64_t;

/// A message as a frame shows it, or as a row of the table.
struct shown {
  row_id id = 0;
  std::string room, text, connection;
  int number = 0;
  std::string created_at;
  std::string key = {};  ///< Known from the table alone; frames do not carry it.
  std::string data = {}; ///< As JSON. An older hub does not show it, so it is checked by itself.
  bool operator==(const shown&) const = default;
};

/// A place where the log has lost its messages: those with ids over `after` and under `first`.
struct log_fork {
  row_id after = 0, first = 0;
  bool covers(row_id id) const { return after < id && id < first; }
  auto operator<=>(const log_fork&) const = default;
};

struct receipt {
  row_id id = 0;
  int number = 0;
  bool operator==(const receipt&) const = default;
};

/// One message that a client wants stored, however often it is sent. Two different posts never have
/// the same text.
struct post {
  std::set<std::string> rooms; ///< The rooms that the post was sent to. One of them stores it.
  std::string text, key;
  std::optional<receipt> ack;
  std::vector<receipt> earlier_acks = {}; ///< Of messages that the log has lost afterwards.
  bool left_behind = false; ///< Acked; then the client gave up the cursors from before it, so that
                            ///< it need not be told of a loss any more.
  bool given_up = false;    ///< No longer sent again, although its outcome is unknown.
  bool key_is_shared = false; ///< Another client sends the same text and key, in rooms of its own.
  std::string data = {};      ///< As JSON, or empty.
  int unanswered = 0;         ///< How often it was sent on this connection and not answered.
  hub_versions::answer asked = {}; ///< What was known when the first of them was sent.
};

/// One connection of the client, and the frames that it sent there.
struct connection_record {
  std::string id;           ///< The UUID. Empty if the connection ended before `init` came.
  int hub = 0;              ///< The number of the hub process, or -1 for one of several hubs.
  std::vector<row_id> sent; ///< The indices of the posts, in the order of the frames.
  std::size_t answered = 0; ///< How many of the sent frames the hub is known to have processed.
  std::size_t keyless_errors = 0;
  row_id known = 0;         ///< The client's cursor after `init`.
  std::set<row_id> refused; ///< The posts that an error named by their key.
  bool open = false;        ///< The upgrade was answered.
  bool early_frame = false; ///< Another frame came before `init`.
};

/// The messages of one room that one client read without a gap, over one or more connections.
struct reading {
  std::string room;
  std::optional<row_id> after = {}; ///< The first cursor. None: began with the history.
  std::vector<row_id> ids = {};
  std::size_t history = 0;               ///< How many of the ids came as history.
  std::vector<std::size_t> resumed = {}; ///< The size of `ids` at each resumption.
  bool opened = false;
  row_id lowered = 0;     ///< The `after` of the last fork that has lowered the cursor.
  bool forgotten = false; ///< A fork has removed ids.
  /// Instead of being resumed after this cursor, the reader was told how many messages it missed.
  std::optional<std::pair<row_id, long>> missed = {};

  row_id cursor() const { return std::max(ids.empty() ? after.value_or(0) : ids.back(), lowered); }

  /// Removes the ids that the log has lost, and lowers the cursor if the log has lost it.
  void forget(const log_fork& lost);
};

struct client_record {
  bool knows_forks = false; ///< False: the client takes each greatest id for its cursor.
  std::deque<post> posts;
  std::deque<connection_record> connections;
  std::deque<reading> readings;
  std::set<const reading*> current; ///< Those of `readings` that the last connection served.
};

} // namespace torture
