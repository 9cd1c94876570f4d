#include "net/http/date_time.hpp"

namespace hubbub {

namespace {

using namespace std::chrono;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a text from its beginning. After the first error every function returns 0.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {}

  /// Reads a number of exactly this many digits, which is not over `most`.
  int number(std::size_t digits, int most) {
    int out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!at_digit())
        return fail();
      out = out * 10 + (take() - '0');
    }
    return out > most ? fail() : out;
  }

  /// Reads one of these characters.
  char one_of(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == any.npos)
      return char(fail());
    return take();
  }

  /// Reads a fraction of a second with its point, if there is one, and rounds it up.
  microseconds fraction() {
    if (rest_.empty() || rest_.front() != '.')
      return {};
    take();
    if (!at_digit())
      return microseconds(fail());
    microseconds out{0};
    bool beyond = false;
    for (microseconds unit{100'000}; at_digit(); unit /= 10) {
      const int digit = take() - '0';
      out += digit * unit;
      beyond = beyond || (unit == microseconds{0} && digit);
    }
    return out + microseconds{beyond};
  }

  bool done() const { return !failed_ && rest_.empty(); }

private:
  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  char take() {
    const char out = rest_.front();
    rest_.remove_prefix(1);
    return out;
  }
  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

minutes read_offset(scanner& in) {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-')
    return {};
  const hours h{in.number(2, 23)};
  in.one_of(":");
  const minutes out = h + minutes{in.number(2, 59)};
  return sign == '+' ? out : -out;
}

} // namespace

std::optional<instant> parse_date_time(std::string_view text) {
  scanner in(text);
  const year y{in.number(4, 9999)};
  in.one_of("-");
  const month m{unsigned(in.number(2, 12))};
  in.one_of("-");
  const year_month_day date{y, m, day{unsigned(in.number(2, 31))}};
  in.one_of("Tt");
  const hours h{in.number(2, 23)};
  in.one_of(":");
  const minutes min{in.number(2, 59)};
  in.one_of(":");
  const seconds s{in.number(2, 60)};
  const auto fraction = in.fraction();
  const auto offset = read_offset(in);
  if (!in.done() || !date.ok())
    return {};
  const instant out = sys_days{date} + h + min + s + fraction - offset;
  if (s == seconds{60}) {
    const auto next = floor<seconds>(out);
    if (next != floor<days>(next) || year_month_day{floor<days>(next)}.day() != day{1})
      return {};
  }
  return out;
}

} // namespace hubbub
