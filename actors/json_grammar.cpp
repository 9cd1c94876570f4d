#include "actors/json_grammar.hpp"

#include <vector>

namespace hubbub {

namespace {

/// Reads a text from its begin. Each function returns whether the text goes on with what it reads,
/// and leaves the position anywhere if not.
class reader {
public:
  explicit reader(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  std::size_t position() const { return std::size_t(at_ - begin_); }

  char peek() const { return at_ < end_ ? *at_ : '\0'; }

  bool take(char c) {
    const bool there = at_ < end_ && *at_ == c;
    at_ += there;
    return there;
  }

  void skip_white_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r'))
      ++at_;
  }

  /// A string, a number or a literal.
  bool scalar() {
    switch (peek()) {
    case '"':
      return string();
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      return number();
    }
  }

  bool string() {
    if (!take('"'))
      return false;
    while (at_ < end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c >= 0x80) {
        if (!code_point())
          return false;
        continue;
      }
      ++at_;
      if (c == '"')
        return true;
      if (c < ' ' || (c == '\\' && !escape()))
        return false;
    }
    return false;
  }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  bool word(std::string_view all) {
    const bool there = std::string_view(at_, std::size_t(end_ - at_)).starts_with(all);
    at_ += there ? all.size() : 0;
    return there;
  }

  bool digits() {
    const auto* const first = at_;
    while (at_ < end_ && is_digit(*at_))
      ++at_;
    return at_ > first;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits())
      return false;
    if (take('.') && !digits())
      return false;
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      return digits();
    }
    return true;
  }

  /// The rest of an escape.
  bool escape() {
    constexpr std::string_view single = "\"\\/bfnrt";
    if (at_ == end_)
      return false;
    const char c = *at_++;
    if (c != 'u')
      return single.find(c) != single.npos;
    if (end_ - at_ < 4)
      return false;
    for (const auto* const last = at_ + 4; at_ < last; ++at_)
      if (!is_hex(*at_))
        return false;
    return true;
  }

  /// A code point of two to four bytes (RFC 3629, section 4).
  bool code_point() {
    const auto byte = [this](int i) { return static_cast<unsigned char>(at_[i]); };
    const auto first = byte(0);
    const int size = first < 0xC2 || first > 0xF4 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size == 0 || end_ - at_ < size)
      return false;
    const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < least || byte(1) > most)
      return false;
    for (int i = 2; i < size; ++i)
      if ((byte(i) & 0xC0) != 0x80)
        return false;
    at_ += size;
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
};

} // namespace

std::size_t json_value_size(std::string_view text) {
  reader in(text);
  std::vector<bool> is_object; // one for each array and object around the position
  const auto name = [&in] {
    in.skip_white_space();
    if (!in.string())
      return false;
    in.skip_white_space();
    return in.take(':');
  };
  for (bool first = true;; first = false) {
    // A value begins here.
    if (!first)
      in.skip_white_space();
    if (const bool object = in.peek() == '{'; object || in.peek() == '[') {
      in.take(in.peek());
      in.skip_white_space();
      if (in.peek() != (object ? '}' : ']')) {
        is_object.push_back(object);
        if (object && !name())
          return 0;
        continue;
      }
      in.take(in.peek());
    } else if (!in.scalar())
      return 0;
    // A value has ended here, and perhaps with it those around it.
    for (;; is_object.pop_back()) {
      if (is_object.empty())
        return in.position();
      in.skip_white_space();
      if (in.take(','))
        break;
      if (!in.take(is_object.back() ? '}' : ']'))
        return 0;
    }
    if (is_object.back() && !name())
      return 0;
  }
}

} // namespace hubbub
