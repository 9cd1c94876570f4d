#include "actors/wire_command.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hubbub::wire {

namespace {

using nlohmann::json;

std::size_t code_points(std::string_view utf8) {
  return std::size_t(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool has_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

/// Returns whether the whole text is one number by the grammar of RFC 8259, section 6.
bool is_number(std::string_view text) {
  const auto skip_digits = [&text] {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  const auto skip = [&text](std::string_view any) {
    const bool there = !text.empty() && any.find(text[0]) != any.npos;
    text.remove_prefix(there);
    return there;
  };
  skip("-");
  if (!skip("0") && !skip_digits())
    return false;
  if (skip(".") && !skip_digits())
    return false;
  if (skip("eE")) {
    skip("+-");
    if (!skip_digits())
      return false;
  }
  return text.empty();
}

/// Returns the JSON text with 0 in place of each number. A malformed number stays as it is, so that
/// the parser still rejects it.
std::string without_numbers(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = 1;
    if (text[0] == '"') {
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      out += text.substr(0, end);
    } else if (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) {
      end = std::min(text.find_first_not_of("0123456789.eE+-"), text.size());
      const auto word = text.substr(0, end);
      out += is_number(word) ? "0" : word;
    } else
      out += text[0];
    text.remove_prefix(end);
  }
  return out;
}

/// Reads JSON by RFC 8259, which does not bound the size of a number. Throws json::exception.
json read_json(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::out_of_range&) {        // a number does not fit a double
    return json::parse(without_numbers(text)); // no field of a frame is a number
  }
}

/// Looks for "surrogate" in the library's message, but not in the part of the client's text that
/// the message quotes.
bool is_about_surrogates(const json::exception& error) {
  const std::string_view message = error.what();
  return message.substr(0, message.find("; last read: ")).find("surrogate") != message.npos;
}

} // namespace

command parse(std::string_view text) {
  const auto no_json = refusal{refusal_code::bad_json, "this is no JSON", {}};
  if (has_nul(text)) // the library would take NUL for the end of the text
    return no_json;
  json value;
  try {
    value = read_json(text);
  } catch (const json::exception& e) {
    if (is_about_surrogates(e))
      return refusal{refusal_code::surrogate,
                     "the text has half of a surrogate pair, which is no character",
                     {}};
    return no_json;
  }
  if (!value.is_object())
    return refusal{refusal_code::not_object, "a frame is a JSON object", {}};

  const auto type = value.find("type");
  if (type != value.end() && *type == "ping")
    return ping{};
  std::string key;
  if (const auto given = value.find("key"); given != value.end()) {
    if (!given->is_string())
      return refusal{refusal_code::bad_key, "a key is a string", {}};
    key = given->get<std::string>();
    if (key.empty() || code_points(key) > max_key || has_nul(key))
      return refusal{refusal_code::bad_key, "a key has 1 to 64 characters, none of them NUL", {}};
  }
  if (type == value.end())
    return refusal{refusal_code::no_type, "the frame has no type", std::move(key)};
  if (*type != "message")
    return refusal{refusal_code::unknown_type,
                   "this type of frame is unknown; \"message\" and \"ping\" are known",
                   std::move(key)};
  const auto found = value.find("text");
  if (found == value.end() || !found->is_string())
    return refusal{refusal_code::no_text, "a message has a text, which is a string",
                   std::move(key)};
  auto& content = found->get_ref<std::string&>();
  if (content.empty())
    return refusal{refusal_code::empty, "the text is empty", std::move(key)};
  if (code_points(content) > max_text)
    return refusal{refusal_code::too_long, "the text has over 1000 characters", std::move(key)};
  if (has_nul(content))
    return refusal{refusal_code::nul, "the text has a NUL, which no database stores",
                   std::move(key)};
  return message_command{std::move(content), std::move(key)};
}

} // namespace hubbub::wire
