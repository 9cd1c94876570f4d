#include "storage/instant.hpp"

#include <cstdio>
#include <cstdlib>

namespace hubbub {

namespace {

std::string render(instant at, char separator, const char* zone) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u%c%02d:%02d:%02d.%06d%s", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), separator, int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()),
                int(time.subseconds().count()), zone);
  return out;
}

} // namespace

instant system_time() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string to_iso(instant at) {
  return render(at, 'T', "+00:00");
}

std::string to_sql(instant at) {
  return render(at, ' ', "");
}

instant parse_instant(std::string_view text) {
  using namespace std::chrono;
  const std::string copy(text);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, used = 0;
  if (std::sscanf(copy.c_str(), "%d-%d-%d%*1[ T]%d:%d:%d%n", &y, &mo, &d, &h, &mi, &s, &used) < 6)
    return {};
  const year_month_day date{year{y}, month(unsigned(mo)), day(unsigned(d))};
  if (!date.ok())
    return {};
  microseconds fraction{0};
  if (std::size_t(used) < copy.size() && copy[std::size_t(used)] == '.') {
    int scale = 100000;
    for (auto i = std::size_t(used) + 1;
         i < copy.size() && scale && copy[i] >= '0' && copy[i] <= '9'; ++i, scale /= 10)
      fraction += microseconds{(copy[i] - '0') * scale};
  }
  return sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction;
}

} // namespace hubbub
