// The encoding of events as server-sent events (WHATWG HTML, "Server-sent events").
// Knows: the fields of an event stream, and which encodings have them. Must not know: which session
// has which encoding, what an event means.
#pragma once

#include "actors/encoded.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// An event that is no message, for sessions of every encoding.
struct room_event {
  std::string_view type; ///< As in its JSON. The text must outlive the event.
  std::string json;
};

/// Returns `id: LOG:`, which the number of a row and the end of the line follow.
std::string event_id_head(std::string_view log);

/// Appends the lines of `json` as fields `data`. CR, LF and CRLF end lines there, and between the
/// tokens of JSON they are white space, so a reader has the same JSON, with LF for each of them.
void append_event_data(std::string& out, std::string_view json);

/// Returns JSON as it is between `data: ` and the end of the event's last line of data; the same
/// bytes if the JSON has one line.
shared_bytes event_data_lines(shared_bytes json);

/// Appends one event. `id`: the line of its id with its end, or an empty text.
void append_event(std::string& out, std::string_view type, std::string_view json,
                  std::string_view id = {});

/// Returns the events in their order as frames of the encoding, without ids.
std::string encode(std::span<const room_event> events, encoding how);

/// Returns the messages of `plain` from the mark `first` on as events. They have ids if the
/// encoding is `events`. `log` is the name of the log. `how` must be an event stream.
std::string to_events(const encoded& plain, std::size_t first, encoding how, std::string_view log);

} // namespace hubbub
