#include "net/api/publish_fields.hpp"

#include <boost/beast/core/string.hpp>

#include <charconv>

namespace hubbub {

namespace {

constexpr auto key_field = "Idempotency-Key", name_field = "Hubbub-Name",
               secret_field = "Hubbub-Secret";

/// Returns the value of a field that occurs at most once.
std::optional<std::string_view> find(const http_request& request, const char* name) {
  const auto at = request.find(name);
  if (at == request.end())
    return {};
  return std::string_view(at->value().data(), at->value().size());
}

/// Returns the characters of a quoted string, or nothing if it is malformed.
std::optional<std::string> unquote(std::string_view text) {
  if (text.size() < 2 || text.back() != '"')
    return {};
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    i += escaped;
    if (i == text.size() || (escaped ? text[i] != '"' && text[i] != '\\' : text[i] == '"'))
      return {};
    out += text[i];
  }
  return out;
}

/// Returns the decoded text, or nothing if a percent sign is without two digits.
std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto* const end = digits.data() + digits.size();
    if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end)
      return {};
    out += char(byte);
    i += 2;
  }
  return out;
}

} // namespace

std::variant<publish_fields, problem> read_publish_fields(const http_request& request) {
  for (const auto* const once : {key_field, name_field, secret_field})
    if (request.count(once) > 1)
      return problem{problem_code::bad_request,
                     "Idempotency-Key, Hubbub-Name and Hubbub-Secret must not be repeated"};
  publish_fields out;
  if (const auto given = find(request, key_field)) {
    out.key = given->starts_with('"') ? unquote(*given) : std::string(*given);
    if (!out.key)
      return problem{problem_code::bad_key, "Idempotency-Key is a string in quotes, or a token", 0};
  }
  if (const auto given = find(request, name_field); given && !(out.name = decode_percent(*given)))
    return problem{problem_code::bad_name, "Hubbub-Name has a percent sign without two digits"};
  if (const auto given = find(request, secret_field);
      given && !(out.secret = decode_percent(*given)))
    return problem{problem_code::bad_secret, "Hubbub-Secret has a percent sign without two digits"};
  return out;
}

bool is_json_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (value.ends_with(' ') || value.ends_with('\t'))
    value.remove_suffix(1);
  return boost::beast::iequals({value.data(), value.size()}, "application/json");
}

} // namespace hubbub
