#include "actors/wire.hpp"

#include "storage/instant.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

namespace hubbub::wire {

namespace {

using nlohmann::json;

/// Writes a JSON string. Bytes that are not UTF-8, which old rows may hold, become U+FFFD.
std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Returns the fields of a fork, without the braces.
std::string fork_fields(const log_fork& fork) {
  return "\"after\":" + std::to_string(fork.after) + ",\"first\":" + std::to_string(fork.first);
}

} // namespace

std::string message_event(const message& m) {
  return "{\"type\":\"message\",\"id\":" + std::to_string(m.id) +
         ",\"text\":" + json_string(m.text) + ",\"connection_id\":\"" + to_string(m.connection_id) +
         "\",\"user_message_number\":" + std::to_string(m.user_message_number) +
         ",\"created_at\":\"" + to_iso(m.created_at) + '"' +
         (m.name.empty() ? std::string() : ",\"name\":" + json_string(m.name)) + '}';
}

std::string ack_event(std::string_view key, row_id id, std::int32_t number) {
  return "{\"type\":\"ack\",\"key\":" + json_string(key) + ",\"id\":" + std::to_string(id) +
         ",\"user_message_number\":" + std::to_string(number) + '}';
}

std::string error_event(const refusal& why) {
  return "{\"type\":\"error\",\"message\":" + json_string(why.message) + ",\"code\":\"" +
         std::string(name_of(why.code)) + '"' +
         (why.key.empty() ? std::string() : ",\"key\":" + json_string(why.key)) + '}';
}

std::string presence_event(std::string_view room, std::size_t online) {
  return "{\"type\":\"presence\",\"room\":" + json_string(room) +
         ",\"online\":" + std::to_string(online) + '}';
}

std::string fork_event(std::string_view room, const log_fork& fork) {
  return "{\"type\":\"fork\",\"room\":" + json_string(room) + ',' + fork_fields(fork) + '}';
}

std::string init_head(const uuid& connection) {
  return "{\"type\":\"init\",\"connection_id\":\"" + to_string(connection) + "\",\"history\":[";
}

std::string init_tail(std::string_view room, std::string_view log, bool resumed,
                      const std::optional<log_fork>& fork) {
  return "],\"room\":" + json_string(room) + ",\"log\":" + json_string(log) +
         ",\"resumed\":" + (resumed ? "true" : "false") +
         (fork ? ",\"fork\":{" + fork_fields(*fork) + '}' : std::string()) + '}';
}

} // namespace hubbub::wire
