#include "storage/instant.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_CASE("an instant is written with six digits and read back") {
  const instant at{std::chrono::microseconds{1769851800000007}};
  CHECK(to_iso(at) == "2026-01-31T09:30:00.000007+00:00");
  CHECK(to_sql(at) == "2026-01-31 09:30:00.000007");
  CHECK(parse_instant(to_iso(at)) == at);
  CHECK(parse_instant(to_sql(at)) == at);
}

TEST_CASE("shorter fractions are read, and nonsense is the epoch") {
  CHECK(to_iso(parse_instant("2026-01-31 09:30:00.5")) == "2026-01-31T09:30:00.500000+00:00");
  CHECK(to_iso(parse_instant("2026-01-31 09:30:00")) == "2026-01-31T09:30:00.000000+00:00");
  CHECK(parse_instant("yesterday") == instant{});
  CHECK(parse_instant("2026-02-31 00:00:00") == instant{});
  CHECK(parse_instant("") == instant{});
}

TEST_CASE("times before 1970 keep their microseconds") {
  CHECK(to_sql(instant{std::chrono::microseconds{-1}}) == "1969-12-31 23:59:59.999999");
}
