// Reads an event stream as WHATWG HTML, "Server-sent events", tells a browser to. Knows fields and
// lines. Must not know what events mean, or where the bytes come from.
#pragma once

#include <deque>
#include <optional>
#include <string>

namespace test {

/// One event of a stream.
struct stream_event {
  std::string type = "message";
  std::string data;
  std::string id; ///< The last event id of the stream when the event was complete.
};

/// Takes the bytes of a stream in pieces of any size.
class event_parser {
public:
  void feed(std::string_view bytes);

  /// Removes and returns the next complete event.
  std::optional<stream_event> next();

  /// Takes the ids that come before the next event, without an event of their own.
  void take_lone_ids();

  /// What a client comes back with that has taken the events up to here.
  const std::string& last_id() const { return last_id_; }
  long retry() const { return retry_; } ///< In milliseconds. -1: not given.
  int comments() const { return comments_; }
  int lone_ids() const { return lone_ids_; } ///< Blocks that have an id and no data.

private:
  void take_line(std::string_view line);

  std::string unread_;              ///< The beginning of a line.
  std::deque<stream_event> events_; ///< Without a type: a lone id.
  stream_event present_;
  bool has_data_ = false, has_id_ = false;
  std::string id_;      ///< Of the last line that has one.
  std::string last_id_; ///< Of what was taken.
  long retry_ = -1;
  int comments_ = 0, lone_ids_ = 0;
};

} // namespace test
