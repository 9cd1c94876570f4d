// Any bytes as a frame, and as a text in the log: an accepted command is within its limits, and
// every event is JSON with the same content, and with the same bytes of data.
#include "actors/display_name.hpp"
#include "actors/frame_header.hpp"
#include "actors/json_grammar.hpp"
#include "actors/json_numbers.hpp"
#include "actors/wire.hpp"
#include "actors/wire_data.hpp"
#include "storage/ascii_lowercase.hpp"
#include "storage/room_name.hpp"

#include "tests/fuzz/property.hpp"
#include "tests/support/ws_frame.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace hubbub;
using nlohmann::json;

namespace {

const std::set<std::string> codes{"bad_json",  "not_object", "no_type",  "unknown_type",
                                  "no_text",   "empty",      "too_long", "nul",
                                  "surrogate", "bad_key",    "bad_room", "bad_cursor"};

json event(const std::string& text) {
  auto parsed = json::parse(text, nullptr, false);
  claim(parsed.is_object(), "an event is a JSON object in UTF-8");
  std::string framed;
  append_frame(framed, text);
  std::size_t size = 0;
  const auto frame = test::decode(framed, size);
  claim(frame && size == framed.size() && frame->payload == text, "a frame contains its payload");
  return parsed;
}

std::ptrdiff_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

/// The JSON with other numbers and without surrogates, which the library would not read.
std::string harmless(const std::string& text) {
  auto out = with_bounded_numbers(text);
  for (std::size_t at = 0; (at = out.find('\\', at)) != out.npos; at += 2)
    if (out.compare(at, 3, "\\ud") == 0 || out.compare(at, 3, "\\uD") == 0)
      out[at + 2] = '0';
  return out;
}

/// Claims that the hub and the library take the same texts for JSON. The library skips white space
/// and a byte order mark, and takes NUL for the end.
void check_grammar(const std::string& text) {
  constexpr std::string_view ignored = " \t\n\r\xEF";
  if (text.empty() || ignored.find(text.front()) != ignored.npos ||
      ignored.find(text.back()) != ignored.npos || text.find('\0') != text.npos)
    return;
  claim(is_json_value(text) == json::accept(harmless(text)), "the grammar is that of the library");
}

/// Claims that the event has the data byte for byte, and no other data.
void check_data(const message& row) {
  const auto text = wire::message_event(row);
  const auto parsed = event(harmless(text));
  claim(parsed.contains("data") != row.data.empty(), "an event has data if its row has");
  if (row.data.empty())
    return;
  claim(parsed["data"] == json::parse(harmless(row.data)),
        "the field data of an event is the data");
  claim(text.find(",\"data\":" + row.data + ",\"connection_id\":") != text.npos,
        "data is in the event byte for byte");
}

/// Claims that the name is one that the hub uses, and that a subscribe may have it.
void check_room(const std::string& room) {
  claim(read_room_name(room) == room, "a room's name is good, and in normalization form C");
  const auto again = wire::parse(json{{"type", "subscribe"}, {"room", room}}.dump());
  claim(std::get<wire::subscribe>(again).room == room, "an accepted room is accepted again");
  claim(event(wire::unsubscribed_event(room))["room"] == room, "an event names its room");
}

void check(const wire::message_command& post) {
  claim(characters(post.text) <= 1000, "a text has at most 1000 characters");
  claim(!post.text.empty() || !post.data.empty(), "a message has text, data or both");
  claim(post.data.size() <= wire::default_max_data, "data has at most as many bytes as is set");
  claim(characters(post.key) <= 64, "a key has at most 64 characters");
  claim((post.text + post.key).find('\0') == std::string::npos, "no NUL gets to the log");
  message row;
  row.id = 7;
  row.text = post.text;
  claim(event(wire::message_event(row))["text"] == post.text, "a message event has the text");
  row.data = post.data;
  check_data(row);
  const auto room = post.room.value_or("lobby");
  check_room(room);
  const auto ack = event(wire::ack_event(post.key, room, 7, 3));
  claim(ack["key"] == post.key && ack["room"] == room, "an ack has the key and the room");
  const auto field = post.data.empty() ? std::string() : ",\"data\":" + post.data;
  const auto frame = json{{"type", "message"}, {"text", post.text}}.dump();
  const auto again = wire::parse(frame.substr(0, frame.size() - 1) + field + '}');
  claim(std::get<wire::message_command>(again).text == post.text,
        "an accepted text is accepted again");
  claim(std::get<wire::message_command>(again).data == post.data,
        "accepted data is accepted again");
}

void check(const wire::subscribe& begins) {
  check_room(begins.room);
  claim(begins.most.value_or(1) >= 1 && begins.most.value_or(1) <= wire::max_most,
        "a limit is from 1 to 1000");
  if (!begins.from)
    return;
  const auto& [after, log] = *begins.from;
  claim(after >= 0, "a cursor is not negative");
  claim(log.size() == 36 && log == to_ascii_lowercase(log), "a log is a UUID in lower case");
  const json frame{{"type", "subscribe"}, {"room", begins.room}, {"after", after}, {"log", log}};
  const auto again = std::get<wire::subscribe>(wire::parse(frame.dump()));
  claim(again.from && again.from->after == after && again.from->log == log,
        "an accepted cursor is accepted again");
}

void check(const wire::unsubscribe& ends) {
  check_room(ends.room);
}

void check(const wire::hello& said) {
  if (said.wrong) {
    claim(said.code == refusal_code::bad_name || said.code == refusal_code::bad_secret,
          "a fault of a hello is one of the name or of the secret");
    claim(!said.name && !said.person, "a fault of a hello quotes nothing");
    return;
  }
  const author_profile who{said.name.value_or(""), said.person.value_or("")};
  claim(who.name.empty() || is_display_name(who.name), "an accepted name is good");
  claim(who.person.empty() || (who.person.size() == 21 && who.person.starts_with("anon-")),
        "a person is a pseudonym");
  const auto answer = event(wire::hello_event(who));
  claim(answer["name"] == (who.name.empty() ? json() : json(who.name)), "the answer has the name");
  message row;
  row.by = who;
  claim(event(wire::message_event(row)).value("name", "") == who.name, "a message has the name");
  const auto again =
      std::get<wire::hello>(wire::parse(json{{"type", "hello"}, {"name", answer["name"]}}.dump()));
  claim(!again.wrong && *again.name == who.name, "an accepted name is accepted again");
  skeletons_of(who.name);
}

void check(const wire::ping&) {}

void check(const wire::refusal& why) {
  const auto error = event(wire::error_event(why));
  claim(codes.contains(std::string(name_of(why.code))) && error["code"] == name_of(why.code),
        "a refusal's code is on the list");
  claim(error.contains("key") ? error["key"] == why.key : why.key.empty(),
        "an error names the key");
  claim(error.contains("room") ? error["room"] == why.room : why.room.empty(),
        "an error names the room");
  claim(characters(why.room) <= 64, "an error names at most 64 characters");
  if (!why.room.empty() && why.code != refusal_code::bad_room)
    check_room(why.room);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check_grammar(bytes);
  const auto said = wire::parse(bytes);
  std::visit([](const auto& command) { check(command); }, said);
  if (const auto* post = std::get_if<wire::message_command>(&said))
    claim(bytes.find(post->data) != bytes.npos, "data is in the frame byte for byte");
  wire::named_room(said, "lobby");
  message stored; // another program may have stored any bytes
  stored.text = stored.room = bytes;
  stored.by = {bytes, bytes, true};
  event(wire::message_event(stored));
  event(wire::hello_event(stored.by));
  is_display_name(bytes);
  skeletons_of(bytes);
  std::vector<message> rows(1, stored);
  rows[0].data = bytes;
  wire::drop_malformed_data(rows);
  check_data(rows[0]);
  event(wire::ack_event(bytes, bytes, 1, 1));
  event(wire::unsubscribed_event(bytes));
  event(wire::presence_event(bytes, 1));
  event(wire::init_head({}) + wire::message_event(stored) + wire::init_tail(bytes, bytes, true));
  event(std::string(wire::subscribed_head) + wire::message_event(stored) +
        wire::init_tail(bytes, bytes, false, log_fork{1, 2}, 3));
  return 0;
}
