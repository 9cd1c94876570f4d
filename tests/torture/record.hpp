// What one client did and saw, written down while it happens and judged when all is over.
// Knows neither sockets nor the table.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace torture {

using row_id = std::int64_t;

/// A message as a frame, or as the table has it.
struct shown {
  row_id id = 0;
  std::string room, text, connection;
  int number = 0;
  std::string created_at;
  std::string key = {}; ///< Only the table tells it.
  bool operator==(const shown&) const = default;
};

struct receipt {
  row_id id = 0;
  int number = 0;
  bool operator==(const receipt&) const = default;
};

/// A message as its sender means it, however often it is sent. No two that are not the same have
/// the same text.
struct post {
  std::set<std::string> rooms; ///< Where it was said; the first that was stored counts.
  std::string text, key;
  std::optional<receipt> ack;
  bool given_up = false; ///< Not sent again, though nobody knows what became of it.
};

/// One connection, from its sender's side.
struct sitting {
  std::string connection;     ///< Empty: it ended before its `init` came.
  int hub = 0;                ///< Which process of the hub it was with; -1: one of several.
  std::vector<row_id> said;   ///< Which posts, by their index, in the order of the frames.
  std::size_t dealt_with = 0; ///< So many of those are known to have been judged by the hub.
  std::size_t nameless_errors = 0;
  std::set<row_id> refused; ///< Posts of which an error told by their key.
  bool asked = false;       ///< The upgrade was answered.
  bool ungreeted = false;   ///< Another frame came before `init`.
};

/// What one client read of one room, one message after another, over as many connections as it
/// took.
struct reading {
  std::string room;
  std::optional<row_id> after = {}; ///< Where it began; none: with the newest messages.
  std::vector<row_id> ids = {};
  std::size_t history = 0;               ///< So many of the ids came in `init`.
  std::vector<std::size_t> resumed = {}; ///< How many ids were there each time the line came back.
  bool opened = false;

  row_id cursor() const { return ids.empty() ? after.value_or(0) : ids.back(); }
};

struct diary {
  std::deque<post> posts;
  std::deque<sitting> sittings;
  std::deque<reading> readings;
};

} // namespace torture
