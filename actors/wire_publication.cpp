#include "actors/wire_publication.hpp"

#include "actors/json_grammar.hpp"

#include <algorithm>

namespace hubbub::wire {

namespace {

constexpr std::string_view white_space = " \t\n\r", byte_order_mark = "\xEF\xBB\xBF";

/// Removes the white space at the front.
void skip_white_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
}

/// Removes the character and the white space before it, if the text begins with them.
bool take(std::string_view& text, char c) {
  skip_white_space(text);
  const bool there = text.starts_with(c);
  text.remove_prefix(there);
  return there;
}

/// Removes the JSON value at the front, behind white space, and returns it. Returns an empty text
/// if there is none.
std::string_view take_value(std::string_view& text) {
  skip_white_space(text);
  const auto value = text.substr(0, json_value_size(text));
  text.remove_prefix(value.size());
  return value;
}

/// Adds the message that the JSON value is, which is empty if there is none. Returns the refusal,
/// or nothing.
std::optional<publication_refusal> add_message(publication& to, std::string_view value,
                                               std::size_t max_data) {
  const auto refuse = [&](refusal_code code, std::string why) {
    return publication_refusal{code, std::move(why), to.messages.size()};
  };
  if (value.empty())
    return refuse(refusal_code::bad_json, "this is no JSON");
  // The library takes a hundred times the bytes of a value.
  if (!value.starts_with('{'))
    return refuse(refusal_code::not_object, "a message is a JSON object");
  if (value.size() > max_beside_data + max_data)
    return refuse(refusal_code::too_long,
                  "a message has over " + std::to_string(max_beside_data + max_data) + " bytes");
  auto read = parse_message(value, max_data);
  if (auto* why = std::get_if<refusal>(&read))
    return refuse(why->code, std::move(why->message));
  to.messages.push_back(std::get<message_command>(std::move(read)));
  return {};
}

/// Reads the messages of an array behind its first bracket. Returns the refusal, or nothing.
std::optional<publication_refusal> add_messages(publication& to, std::string_view& text,
                                                std::size_t max_data) {
  if (take(text, ']'))
    return publication_refusal{refusal_code::empty, "the array is empty", {}};
  do {
    if (to.messages.size() == max_publication)
      return publication_refusal{refusal_code::too_long, "a request has at most 1000 messages", {}};
    if (auto why = add_message(to, take_value(text), max_data))
      return why;
  } while (take(text, ','));
  if (!take(text, ']'))
    return publication_refusal{refusal_code::bad_json, "this is no JSON", to.messages.size() - 1};
  return {};
}

} // namespace

std::variant<publication, publication_refusal> read_publication(std::string_view body,
                                                                std::size_t max_data) {
  if (body.starts_with(byte_order_mark))
    body.remove_prefix(byte_order_mark.size());
  publication out;
  out.single = !take(body, '[');
  auto why =
      out.single ? add_message(out, take_value(body), max_data) : add_messages(out, body, max_data);
  skip_white_space(body);
  if (!why && !body.empty())
    why = publication_refusal{refusal_code::bad_json, "this is no JSON", out.messages.size() - 1};
  if (why)
    return std::move(*why);
  return out;
}

} // namespace hubbub::wire
