// The query of /messages: what a page of history is asked with.
#include "net/api/page_query.hpp"

#include "storage/instant.hpp"
#include "storage/log.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hubbub;

namespace {

auto read(std::string_view query) {
  return read_page_query(parse_target("/messages?" + std::string(query)).value().query);
}

page_request page_of(std::string_view query) {
  auto out = read(query);
  CAPTURE(query);
  REQUIRE(std::holds_alternative<page_request>(out));
  return std::get<page_request>(out);
}

std::string error_of(std::string_view query) {
  const auto out = read(query);
  CAPTURE(query);
  REQUIRE(std::holds_alternative<problem>(out));
  CHECK(std::get<problem>(out).code == problem_code::bad_query);
  return std::string(std::get<problem>(out).detail);
}

} // namespace

TEST_CASE("a page begins at the newest message unless the query says where") {
  CHECK(page_of("").before == no_end);
  CHECK(page_of("before=7").before == 7);
  CHECK_FALSE(page_of("after=7").before);
  CHECK(page_of("after=7").after == 7);
  CHECK(page_of("after=0").after == 0);
  CHECK(page_of("after=99999999999999999999").after == no_end);
  CHECK_FALSE(page_of("at=2026-01-31T09:30:00Z").before);
  CHECK(page_of("at=2026-01-31T09:30:00Z").at == parse_instant("2026-01-31 09:30:00"));
  CHECK(page_of("at=2026-01-31T11%3A30%3A00%2B02%3A00").at == parse_instant("2026-01-31 09:30:00"));
}

TEST_CASE("a page begins at one place only") {
  for (const auto* query :
       {"before=7&after=3", "after=3&before=7", "at=2026-01-31T09:30:00Z&before=7",
        "after=0&at=2026-01-31T09:30:00Z", "before=7&limit=2&after=3"})
    CHECK(error_of(query).find("only one") != std::string::npos);
}

TEST_CASE("a wrong place is refused with a sentence that names it") {
  for (const auto* query : {"after=", "after=-1", "after=x", "after=1.5", "after=+1", "after=1%20"})
    CHECK(error_of(query).starts_with("after is "));
  for (const auto* query : {"at=", "at=yesterday", "at=2026-01-31", "at=1769851800"})
    CHECK(error_of(query).starts_with("at is "));
}

TEST_CASE("a plus sign that was not encoded is explained") {
  CHECK(error_of("at=2026-01-31T09:30:00+02:00").find("%2B") != std::string::npos);
  CHECK(error_of("at=2026-01-31T09:30:00%2002:00").find("%2B") != std::string::npos);
  CHECK(error_of("at=2026-01-31+09:30:00Z").find("%2B") == std::string::npos);
}

TEST_CASE("the next page goes on in the same direction") {
  CHECK(next_page(page_of("room=caf%C3%A9&limit=2"), 7) ==
        "messages?room=caf%C3%A9&before=7&limit=2");
  CHECK(next_page(page_of("after=3"), 7) == "messages?room=lobby&after=7&limit=50");
  CHECK(next_page(page_of("at=2026-01-31T09:30:00Z"), 7) == "messages?room=lobby&after=7&limit=50");
}

TEST_CASE("a search has words, goes backwards, and is kept for the next page") {
  CHECK(page_of("q=Hello+World").search == "Hello World");
  CHECK(page_of("q=%22a%22&before=7").before == 7);
  CHECK(next_page(page_of("q=caf%C3%A9+%26+tea&before=9"), 7) ==
        "messages?room=lobby&q=caf%C3%A9%20%26%20tea&before=7&limit=50");
  for (const auto* query : {"q=", "q=%20", "q=...", "q=%FF", "q=a%FF", "q=%F0%9F%98%80"})
    CHECK(error_of(query) == "q has at least one word, of letters or digits");
  CHECK(error_of("q=" + std::string(201, 'a')) == "q has at most 200 characters");
  CHECK(page_of("q=" + std::string(200, 'a')).search->size() == 200);
  CHECK(error_of("q=a&after=3") == "q goes with before, and not with after or at");
  CHECK(error_of("at=2026-01-31T09:30:00Z&q=a") == "q goes with before, and not with after or at");
}
