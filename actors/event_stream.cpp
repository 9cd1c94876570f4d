#include "actors/event_stream.hpp"

#include "actors/frame_header.hpp"

namespace hubbub {

std::string event_id_head(std::string_view log) {
  return "id: " + std::string(log) + ':';
}

void append_event_data(std::string& out, std::string_view json) {
  out += "data: ";
  for (auto end = json.find_first_of("\r\n"); end != json.npos; end = json.find_first_of("\r\n")) {
    out += json.substr(0, end);
    out += "\ndata: ";
    json.remove_prefix(end + (json.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  out += json;
  out += '\n';
}

shared_bytes event_data_lines(shared_bytes json) {
  if (json->find_first_of("\r\n") == json->npos)
    return json;
  std::string out;
  append_event_data(out, *json);
  constexpr std::string_view field = "data: ";
  return make_shared_bytes(out.substr(field.size(), out.size() - field.size() - 1));
}

void append_event(std::string& out, std::string_view type, std::string_view json,
                  std::string_view id) {
  out += "event: ";
  out += type;
  out += '\n';
  out += id;
  append_event_data(out, json);
  out += '\n';
}

std::string encode(std::span<const room_event> events, encoding how) {
  std::string out;
  for (const auto& each : events)
    if (is_event_stream(how))
      append_event(out, each.type, each.json);
    else
      append_frame(out, each.json);
  return out;
}

std::string to_events(const encoded& plain, std::size_t first, encoding how, std::string_view log) {
  constexpr std::size_t usual_fields = 96; // of a message, beside its JSON
  const std::string_view all = *plain.frames.bytes;
  const auto& marks = plain.marks;
  const auto id_head = event_id_head(log);
  std::string out, id;
  out.reserve(all.size() - marks[first].frame + (marks.size() - first) * usual_fields);
  for (auto i = first; i < marks.size(); ++i) {
    const auto end = i + 1 < marks.size() ? marks[i + 1].frame : all.size();
    if (how == encoding::events)
      id = id_head + std::to_string(marks[i].id) + '\n';
    append_event(out, "message", all.substr(marks[i].payload, end - marks[i].payload), id);
  }
  out.shrink_to_fit();
  return out;
}

} // namespace hubbub
