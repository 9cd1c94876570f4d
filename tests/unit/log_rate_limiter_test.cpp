#include "net/ops/log_rate_limiter.hpp"

#include <doctest/doctest.h>

using namespace hubbub;
using namespace std::chrono_literals;

TEST_CASE("the kind of a line is its words up to the first colon, without those with a digit") {
  CHECK(line_kind("a WebSocket is refused with 503: 10.0.0.1") ==
        line_kind("a WebSocket is refused with 429: 10.0.0.2"));
  CHECK(line_kind("the log is away, nothing is lost: this") ==
        line_kind("the log is away, nothing is lost: that"));
  CHECK(line_kind("the log is away") != line_kind("the log is back"));
}

TEST_CASE("three lines of each kind per second pass, and the others are counted") {
  log_rate_limiter all;
  const auto begin = log_rate_limiter::clock::now();
  int passed = 0;
  for (int i = 0; i < 1000; ++i)
    passed += all.allow("visitor " + std::to_string(i) + " knocks", 2, begin);
  CHECK(passed == 3);
  CHECK(all.allow("something else", 2, begin));
  CHECK(all.allow("visitor 1000 knocks", 2, begin + 1s));
  const auto sums = all.take_suppressed(begin + 1s);
  REQUIRE(sums.size() == 1);
  CHECK(sums.begin()->second.count == 997);
  CHECK(sums.begin()->second.last == "visitor 999 knocks");
  CHECK(all.take_suppressed(begin + 20s).empty());
}

TEST_CASE("the counts are logged once in ten seconds") {
  log_rate_limiter all;
  const auto begin = log_rate_limiter::clock::now();
  for (int i = 0; i < 4; ++i)
    all.allow("knock", 2, begin);
  CHECK(all.take_suppressed(begin).size() == 1);
  for (int i = 0; i < 4; ++i)
    all.allow("knock", 2, begin + 2s);
  CHECK(all.take_suppressed(begin + 9s).empty());
  CHECK(all.take_suppressed(begin + 10s).begin()->second.count == 1);
}

TEST_CASE("the number of kinds is bounded, whatever clients send") {
  log_rate_limiter all;
  const auto begin = log_rate_limiter::clock::now();
  int passed = 0;
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b)
      for (char c = 'a'; c <= 'z'; ++c)
        passed += all.allow(std::string{a, b, c}, 2, begin);
  CHECK(passed <= 260);
}
