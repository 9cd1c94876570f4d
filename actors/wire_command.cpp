#include "actors/wire_command.hpp"

#include "actors/code_points.hpp"
#include "actors/json_numbers.hpp"
#include "actors/wire_data.hpp"
#include "storage/ascii_lowercase.hpp"
#include "storage/room_name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace hubbub::wire {

namespace {

using nlohmann::json;

bool has_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

/// Reads JSON by RFC 8259, which does not bound the size of a number. Throws json::exception.
json read_json(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::out_of_range&) { // a number does not fit a double
    return json::parse(with_bounded_numbers(text));
  }
}

/// Looks for "surrogate" in the library's message, but not in the part of the client's text that
/// the message quotes.
bool is_about_surrogates(const json::exception& error) {
  const std::string_view message = error.what();
  return message.substr(0, message.find("; last read: ")).find("surrogate") != message.npos;
}

/// Returns the name of the frame's room in normalization form C, or the refusal.
std::variant<std::string, refusal> read_room(const json& frame) {
  const auto given = frame.find("room");
  if (given == frame.end() || !given->is_string())
    return refusal{refusal_code::bad_room, "the name of a room is needed, which is a string", {}};
  const auto& text = given->get_ref<const std::string&>();
  if (auto name = read_room_name(text))
    return std::move(*name);
  return refusal{refusal_code::bad_room,
                 "a room's name has 1 to 64 letters or digits of any script, '.', '_' or '-'",
                 {},
                 code_points(text) <= max_echoed_room ? text : std::string()};
}

/// Reads the key of a frame, if it has one. Returns what is wrong with the key, or nullptr.
const char* read_key(const json& frame, std::string& key) {
  const auto given = frame.find("key");
  if (given == frame.end())
    return nullptr;
  if (!given->is_string())
    return "a key is a string";
  const auto& text = given->get_ref<const std::string&>();
  if (text.empty() || code_points(text) > max_key || has_nul(text))
    return "a key has 1 to 64 characters, none of them NUL";
  key = text;
  return nullptr;
}

/// Returns the id, or nothing if the field is no integer from 0 on. An integer that is too large
/// for an id counts as the largest id.
std::optional<row_id> read_after(const json& given) {
  constexpr auto max = std::numeric_limits<row_id>::max();
  if (given.is_number_unsigned())
    return row_id(std::min(given.get<std::uint64_t>(), std::uint64_t(max)));
  if (given.is_number_integer() && given.get<std::int64_t>() >= 0) // only -0
    return 0;
  return {};
}

/// Returns whether the text is a UUID (RFC 9562, section 4).
bool is_uuid(std::string_view text) {
  static constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  static constexpr std::string_view digits = "0123456789abcdefABCDEF";
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char expected) {
    return expected == '-' ? c == '-' : digits.find(c) != digits.npos;
  });
}

/// Reads the fields of a cursor. Returns what is wrong with them, or nullptr.
const char* read_cursor(const json& frame, subscribe& out) {
  const auto after = frame.find("after"), log = frame.find("log"), most = frame.find("most");
  const auto id = after == frame.end() ? std::nullopt : read_after(*after);
  if (after != frame.end() && !id)
    return "after is the id of a message, a whole number from 0 on";
  if (log != frame.end() && !(log->is_string() && is_uuid(log->get_ref<const std::string&>())))
    return "log is the UUID of a log";
  if (most != frame.end()) {
    const auto count = most->is_number_unsigned() ? most->get<std::uint64_t>() : 0;
    if (count < 1 || count > max_most)
      return "most is a whole number from 1 to 1000";
    out.most = int(count);
  }
  if (id && log != frame.end())
    out.from = position{*id, to_ascii_lowercase(log->get_ref<const std::string&>())};
  return nullptr;
}

command read_subscribe(const json& frame) {
  auto room = read_room(frame);
  if (auto* why = std::get_if<refusal>(&room))
    return std::move(*why);
  subscribe out{std::get<std::string>(std::move(room)), {}, {}};
  if (const auto* wrong = read_cursor(frame, out))
    return refusal{refusal_code::bad_cursor, wrong, {}, std::move(out.room)};
  return out;
}

command read_unsubscribe(const json& frame) {
  auto room = read_room(frame);
  if (auto* why = std::get_if<refusal>(&room))
    return std::move(*why);
  return unsubscribe{std::get<std::string>(std::move(room))};
}

hello_field hello_field_of(json& frame, const char* name) {
  using kind = hello_field::kind;
  const auto found = frame.find(name);
  if (found == frame.end())
    return {};
  if (found->is_null())
    return {kind::null};
  if (!found->is_string())
    return {kind::other};
  return {kind::text, &found->get_ref<std::string&>()};
}

/// `data`: the value of the field `data`, or an empty text.
command read_message(json& frame, std::string_view data, std::size_t max_data) {
  message_command out;
  std::optional<refusal> bad_room;
  const bool names_room = frame.contains("room");
  if (names_room) {
    auto room = read_room(frame);
    if (auto* why = std::get_if<refusal>(&room))
      bad_room = std::move(*why);
    else
      out.room = std::get<std::string>(std::move(room));
  }
  const auto refuse = [&](refusal_code code, std::string message) {
    return refusal{code, std::move(message), std::move(out.key), std::move(out.room).value_or(""),
                   !names_room};
  };
  if (const auto* wrong = read_key(frame, out.key))
    return refuse(refusal_code::bad_key, wrong);
  if (bad_room) {
    bad_room->key = std::move(out.key);
    return std::move(*bad_room);
  }
  const auto found = frame.find("text");
  if (found == frame.end() ? data.empty() : !found->is_string())
    return refuse(refusal_code::no_text, "a message has a text, which is a string, or data");
  if (data.size() > max_data)
    return refuse(refusal_code::too_long, "data is over " + std::to_string(max_data) + " bytes");
  if (found != frame.end())
    out.text = std::move(found->get_ref<std::string&>());
  out.data = data;
  if (out.text.empty() && data.empty())
    return refuse(refusal_code::empty, "the text is empty");
  if (code_points(out.text) > max_text)
    return refuse(refusal_code::too_long, "the text has over 1000 characters");
  if (has_nul(out.text))
    return refuse(refusal_code::nul, "the text has a NUL, which no database stores");
  return out;
}

/// A frame that is a JSON object.
struct object_frame {
  json fields; ///< Without the value of `data`.
  std::optional<split_frame> split;

  std::string_view data() const { return split ? split->data : std::string_view(); }
};

/// Reads a frame as an object, or returns the refusal.
std::variant<object_frame, refusal> read_object(std::string_view text) {
  const auto no_json = [] { return refusal{refusal_code::bad_json, "this is no JSON", {}}; };
  if (has_nul(text)) // the library would take NUL for the end of the text
    return no_json();
  object_frame out;
  if (needs_split(text)) {
    out.split = split_data(text);
    if (!out.split)
      return no_json();
    text = out.split->rest;
  }
  try {
    out.fields = read_json(text);
  } catch (const json::exception& e) {
    if (is_about_surrogates(e))
      return refusal{refusal_code::surrogate,
                     "the text has half of a surrogate pair, which is no character",
                     {}};
    return no_json();
  }
  if (!out.fields.is_object())
    return refusal{refusal_code::not_object, "a frame is a JSON object", {}};
  return out;
}

} // namespace

command parse(std::string_view text, std::size_t max_data) {
  auto read = read_object(text);
  if (auto* why = std::get_if<refusal>(&read))
    return std::move(*why);
  auto& object = std::get<object_frame>(read);
  auto& frame = object.fields;
  const auto type = frame.find("type");
  const auto is = [&](const char* name) { return type != frame.end() && *type == name; };
  if (is("message"))
    return read_message(frame, object.data(), max_data);
  if (is("ping"))
    return ping{};
  if (is("subscribe")) {
    // The library reads an integer of more than 64 bits as a double.
    if (const auto after = frame.find("after"); after != frame.end() && after->is_number_float())
      frame = json::parse(with_bounded_numbers(object.split ? object.split->rest : text));
    return read_subscribe(frame);
  }
  if (is("unsubscribe"))
    return read_unsubscribe(frame);
  if (is("hello"))
    return read_hello(hello_field_of(frame, "name"), hello_field_of(frame, "secret"));
  std::string key;
  if (const auto* wrong = read_key(frame, key))
    return refusal{refusal_code::bad_key, wrong, {}};
  if (type == frame.end())
    return refusal{refusal_code::no_type, "the frame has no type", std::move(key)};
  return refusal{refusal_code::unknown_type,
                 "this type of frame is unknown; \"message\", \"subscribe\", \"unsubscribe\", "
                 "\"hello\" and \"ping\" are known",
                 std::move(key)};
}

std::variant<message_command, refusal> parse_message(std::string_view text, std::size_t max_data) {
  auto read = read_object(text);
  if (auto* why = std::get_if<refusal>(&read))
    return std::move(*why);
  auto& object = std::get<object_frame>(read);
  auto message = read_message(object.fields, object.data(), max_data);
  if (auto* why = std::get_if<refusal>(&message))
    return std::move(*why);
  return std::get<message_command>(std::move(message));
}

std::string named_room(const command& frame, const std::string& first_room) {
  if (const auto* said = std::get_if<message_command>(&frame))
    return said->room.value_or(first_room);
  if (const auto* begins = std::get_if<subscribe>(&frame))
    return begins->room;
  if (const auto* ends = std::get_if<unsubscribe>(&frame))
    return ends->room;
  if (const auto* why = std::get_if<refusal>(&frame))
    return why->of_first_room ? first_room : why->room;
  return {};
}

} // namespace hubbub::wire
