#include "actors/wire_data.hpp"

#include "actors/json_numbers.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hubbub::wire {

namespace {

constexpr std::string_view white_space = " \t\n\r";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // the library skips one

/// Replaces the escapes of surrogates, which the library accepts only in pairs, by others of the
/// same size.
void replace_surrogates(std::string& json) {
  for (std::size_t at = 0; (at = json.find('\\', at)) != json.npos; at += 2)
    if (at + 3 < json.size() && json[at + 1] == 'u' && (json[at + 2] == 'd' || json[at + 2] == 'D'))
      json[at + 2] = '0';
}

/// Reads the outermost object of a text, token by token. Where the text is no JSON, each function
/// goes some way and leaves the error to a parser, but never reads a string or a value as ended
/// that a parser would go on with.
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

  void skip_white_space() {
    at_ = std::min(text_.find_first_not_of(white_space, at_), text_.size());
  }

  /// Returns the string that begins here, with its quotation marks, or an empty text.
  std::string_view take_string() {
    skip_white_space();
    const auto begin = at_;
    if (begin < text_.size() && text_[begin] == '"')
      skip_string();
    return text_.substr(begin, at_ - begin);
  }

  /// Returns the value that begins here.
  std::string_view take_value() {
    skip_white_space();
    const auto begin = at_;
    if (begin == text_.size())
      return text_.substr(begin);
    if (text_[begin] == '"')
      skip_string();
    else if (text_[begin] == '[' || text_[begin] == '{')
      skip_nested();
    else
      at_ = std::min(text_.find_first_of(",]} \t\n\r", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

private:
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\')
        ++at_;
    at_ = std::min(at_ + 1, text_.size());
  }

  /// Counts brackets of both kinds alike: a parser compares them.
  void skip_nested() {
    std::size_t depth = 0;
    do {
      at_ = std::min(text_.find_first_of("\"[]{}", at_), text_.size());
      if (at_ == text_.size())
        return;
      if (text_[at_] == '"') {
        skip_string();
        continue;
      }
      if (text_[at_] == '[' || text_[at_] == '{')
        ++depth;
      else
        --depth;
      ++at_;
    } while (depth > 0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Returns whether a string, with its quotation marks, is the name.
bool spells(std::string_view string, std::string_view name) {
  if (string.find('\\') == string.npos)
    return string.size() == name.size() + 2 && string.substr(1, name.size()) == name;
  const auto read = nlohmann::json::parse(string, nullptr, false);
  return read.is_string() && read.get_ref<const std::string&>() == name;
}

} // namespace

bool is_json_value(std::string_view text) {
  // The library would skip a byte order mark and white space, and take NUL for the end.
  if (text.empty() || white_space.find(text.front()) != white_space.npos ||
      white_space.find(text.back()) != white_space.npos ||
      text.front() == byte_order_mark.front() || text.find('\0') != text.npos)
    return false;
  auto harmless = with_bounded_numbers(text);
  replace_surrogates(harmless);
  return nlohmann::json::accept(harmless);
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
  const auto replace = [&](std::string_view value, std::string_view by) {
    const auto begin = std::size_t(value.data() - frame.data());
    out.rest += frame.substr(copied, begin - copied);
    out.rest += by;
    copied = begin + value.size();
    return is_json_value(value);
  };
  bool more = in.take('{');
  while (more) {
    const auto name = in.take_string();
    if (name.empty() || !in.take(':'))
      break;
    const auto value = in.take_value();
    if (spells(name, "data")) {
      if (!replace(value, "null"))
        return std::nullopt;
      out.data = value;
    } else if (large && value.starts_with('[')) {
      if (!replace(value, "[]"))
        return std::nullopt;
    } else if (large && value.starts_with('{')) {
      if (!replace(value, "{}"))
        return std::nullopt;
    }
    more = in.take(',');
  }
  out.rest += frame.substr(copied);
  return out;
}

} // namespace hubbub::wire
