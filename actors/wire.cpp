#include "actors/wire.hpp"

#include "storage/instant.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace hubbub::wire {

namespace {

using nlohmann::json;

/// Returns whether the text is the same inside a JSON string as outside.
bool needs_no_escape(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

/// Writes a JSON string. Bytes that are not UTF-8, which old rows may hold, become U+FFFD.
std::string json_string(std::string_view text) {
  if (needs_no_escape(text)) // several times as fast, and most names and texts are such
    return '"' + std::string(text) + '"';
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Returns the field `room` after a comma.
std::string room_field(std::string_view room) {
  return ",\"room\":" + json_string(room);
}

/// Returns the fields of an author that readers are told, each after a comma.
std::string author_fields(const author_profile& who) {
  std::string out;
  if (!who.name.empty())
    out += ",\"name\":" + json_string(who.name);
  if (!who.person.empty())
    out += ",\"person\":" + json_string(who.person);
  if (who.verified && !who.name.empty())
    out += ",\"verified\":true";
  return out;
}

/// Returns the fields of a fork, without the braces.
std::string fork_fields(const log_fork& fork) {
  return "\"after\":" + std::to_string(fork.after) + ",\"first\":" + std::to_string(fork.first);
}

} // namespace

std::string message_event(const message& m) {
  return "{\"type\":\"message\",\"id\":" + std::to_string(m.id) + room_field(m.room) +
         ",\"text\":" + json_string(m.text) +
         (m.data.empty() ? std::string() : ",\"data\":" + m.data) + ",\"connection_id\":\"" +
         to_string(m.connection_id) +
         "\",\"user_message_number\":" + std::to_string(m.user_message_number) +
         ",\"created_at\":\"" + to_iso(m.created_at) + '"' + author_fields(m.by) + '}';
}

std::string ack_event(std::string_view key, std::string_view room, row_id id, std::int32_t number) {
  return "{\"type\":\"ack\",\"key\":" + json_string(key) + room_field(room) +
         ",\"id\":" + std::to_string(id) + ",\"user_message_number\":" + std::to_string(number) +
         '}';
}

std::string error_event(const refusal& why) {
  return "{\"type\":\"error\",\"message\":" + json_string(why.message) + ",\"code\":\"" +
         std::string(name_of(why.code)) + '"' +
         (why.room.empty() ? std::string() : room_field(why.room)) +
         (why.key.empty() ? std::string() : ",\"key\":" + json_string(why.key)) + '}';
}

std::string hello_event(const author_profile& who) {
  const auto text = [](const std::string& what) {
    return what.empty() ? std::string("null") : json_string(what);
  };
  return "{\"type\":\"hello\",\"name\":" + text(who.name) + ",\"person\":" + text(who.person) + '}';
}

std::string unsubscribed_event(std::string_view room) {
  return "{\"type\":\"unsubscribed\"" + room_field(room) + '}';
}

std::string presence_event(std::string_view room, std::size_t online) {
  return "{\"type\":\"presence\"" + room_field(room) + ",\"online\":" + std::to_string(online) +
         '}';
}

std::string fork_event(std::string_view room, const log_fork& fork) {
  return "{\"type\":\"fork\"" + room_field(room) + ',' + fork_fields(fork) + '}';
}

std::string init_head(const uuid& connection) {
  return "{\"type\":\"init\",\"connection_id\":\"" + to_string(connection) + "\",\"history\":[";
}

std::string init_tail(std::string_view room, std::string_view log, bool resumed,
                      const std::optional<log_fork>& fork, std::optional<std::int64_t> missed) {
  return ']' + room_field(room) + ",\"log\":" + json_string(log) +
         ",\"resumed\":" + (resumed ? "true" : "false") +
         (missed ? ",\"missed\":" + std::to_string(*missed) : std::string()) +
         (fork ? ",\"fork\":{" + fork_fields(*fork) + '}' : std::string()) + '}';
}

std::string publication_answer(std::string_view log, std::span<const stored_message> messages) {
  std::string out = "{\"log\":" + json_string(log) + ",\"messages\":[";
  for (const auto& m : messages)
    out += (&m == messages.data() ? "{\"id\":" : ",{\"id\":") + std::to_string(m.id) +
           room_field(m.room) + ",\"connection_id\":\"" + to_string(m.connection_id) +
           "\",\"user_message_number\":" + std::to_string(m.number) + ",\"created_at\":\"" +
           to_iso(m.created_at) + "\",\"repeated\":" + (m.repeated ? "true}" : "false}");
  return out += "]}";
}

} // namespace hubbub::wire
