// Sends and receives the hub's frames as a chat client does.
#include "tests/support/visitor.hpp"

namespace test {

namespace {

json message(const std::string& text, const std::string& key = "") {
  json frame{{"type", "message"}, {"text", text}};
  if (!key.empty())
    frame["key"] = key;
  return frame;
}

} // namespace

json subscribe(const std::string& room, const json& more) {
  json frame{{"type", "subscribe"}, {"room", room}};
  frame.update(more);
  return frame;
}

json unsubscribe(const std::string& room) {
  return {{"type", "unsubscribe"}, {"room", room}};
}

json message_in(const std::string& room, const std::string& text, const std::string& key) {
  auto frame = message(text, key);
  frame["room"] = room;
  return frame;
}

visitor::visitor(const hub& where, const std::string& query, const connect_options& how,
                 const headers& fields)
    : ws_client{where.port(), "/ws" + query, fields, how}, init(next()) {
  if (init.value("type", "") != "init")
    throw std::runtime_error{"the first frame is no init: " + init.dump()};
}

void visitor::say(const std::string& text, const std::string& key) {
  send_json(message(text, key));
}

void visitor::say_all(const std::vector<std::string>& texts) {
  std::string frames;
  for (auto& text : texts)
    frames += encode(ws_frame{opcode::text, message(text).dump()});
  send_raw(frames);
}

void visitor::say_in(const std::string& room, const std::string& text, const std::string& key) {
  send_json(message_in(room, text, key));
}

void visitor::send_all(const std::vector<json>& frames) {
  std::string bytes;
  for (const auto& frame : frames)
    bytes += encode(ws_frame{opcode::text, frame.dump()});
  send_raw(bytes);
}

json visitor::enter(const std::string& room, const json& more) {
  send_json(subscribe(room, more));
  return gets("subscribed");
}

json visitor::leave_room(const std::string& room) {
  send_json(unsubscribe(room));
  return gets("unsubscribed");
}

json visitor::hears_any(deadline until) {
  while (has_next(until))
    if (auto frame = next(until); frame.at("type") != "presence")
      return frame;
  return nullptr;
}

json visitor::gets(const std::string& type, deadline until) {
  auto frame = hears_any(until);
  if (frame.is_null())
    throw timeout{"timed out waiting for a frame of type " + type};
  if (frame.at("type") != type)
    throw std::runtime_error{"got no " + type + " but " + frame.dump()};
  return frame;
}

std::vector<std::string> visitor::hears_texts(std::size_t count, deadline until) {
  std::vector<std::string> texts;
  while (texts.size() < count)
    texts.push_back(hears(until).at("text"));
  return texts;
}

int visitor::presence(deadline until) {
  for (;;)
    if (auto frame = next(until); frame.at("type") == "presence")
      return frame.at("online");
}

std::vector<std::string> numbered(const std::string& word, std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 1; i <= count; ++i)
    texts.push_back(word + ' ' + std::to_string(i));
  return texts;
}

} // namespace test
