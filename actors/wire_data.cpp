#include "actors/wire_data.hpp"

#include "actors/json_grammar.hpp"

#include <algorithm>
#include <charconv>

namespace hubbub::wire {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // the library skips one

/// Reads the outermost object of a frame, token by token.
class scanner {
public:
  explicit scanner(std::string_view text)
      : text_(text), at_(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0) {}

  bool take(char c) {
    skip_white_space();
    const bool there = at_ < text_.size() && text_[at_] == c;
    at_ += there;
    return there;
  }

  /// Returns the value that begins here, or an empty text if there is none.
  std::string_view take_value() {
    skip_white_space();
    const auto value = text_.substr(at_, json_value_size(text_.substr(at_)));
    at_ += value.size();
    return value;
  }

private:
  void skip_white_space() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }

  std::string_view text_;
  std::size_t at_;
};

/// Returns whether a JSON string is the name, whose letters may be escaped (RFC 8259, section 7).
bool spells(std::string_view string, std::string_view name) {
  string.remove_prefix(1);
  for (const char letter : name) {
    if (string.starts_with("\\u00")) {
      int code = 0;
      std::from_chars(string.data() + 4, string.data() + 6, code, 16);
      if (code != letter)
        return false;
      string.remove_prefix(6);
    } else if (string.starts_with(letter))
      string.remove_prefix(1);
    else
      return false;
  }
  return string == "\"";
}

} // namespace

void drop_malformed_data(std::vector<message>& rows) {
  for (auto& row : rows)
    if (!row.data.empty() && !is_json_value(row.data))
      row.data.clear();
}

bool needs_split(std::string_view frame) {
  return frame.size() > max_unsplit_frame || frame.find("\"data\"") != frame.npos ||
         frame.find("\\u006") != frame.npos || // d or a, escaped
         frame.find("\\u007") != frame.npos;   // t
}

std::optional<split_frame> split_data(std::string_view frame) {
  split_frame out;
  const bool large = frame.size() > max_unsplit_frame;
  scanner in(frame);
  std::size_t copied = 0;
  for (bool more = in.take('{'); more; more = in.take(',')) {
    const auto name = in.take_value();
    if (!name.starts_with('"') || !in.take(':'))
      break; // no JSON, and the end of the loop leaves it in the rest
    const auto value = in.take_value();
    const bool is_data = spells(name, "data");
    const bool nested = value.starts_with('[') || value.starts_with('{');
    if (value.empty() && (is_data || large))
      return std::nullopt;
    if (value.empty())
      break;
    if (is_data)
      out.data = value;
    else if (!large || !nested)
      continue;
    const auto begin = std::size_t(value.data() - frame.data());
    out.rest += frame.substr(copied, begin - copied);
    out.rest += is_data ? "null" : value[0] == '[' ? "[]" : "{}";
    copied = begin + value.size();
  }
  out.rest += frame.substr(copied);
  return out;
}

} // namespace hubbub::wire
