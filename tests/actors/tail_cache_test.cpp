// The tail cache alone. History is played by the test.
#include "actors/tail_cache.hpp"
#include "tests/actors/rows.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>

using namespace test;

namespace {

struct cache_stage {
  shown_log log{"the log", 100};
  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
  struct request {
    rooms_request what;
    std::function<void(const first_pages&)> answer;
  };
  std::vector<request> requests;
  int retries = 0;
  std::map<std::string, std::size_t> answered; ///< Attaches by room.
  tail_cache cache{log,
                   {100000, 65536},
                   memory,
                   {[this](rooms_request what, std::function<void(const first_pages&)> answer) {
                      requests.push_back({std::move(what), std::move(answer)});
                    },
                    [this] { ++retries; },
                    [this](const std::string& room, std::vector<attach> waiting) {
                      answered[room] += waiting.size();
                    }}};

  void wait(room_tail& of, const std::string& room = "lobby") {
    attach a;
    a.room = room;
    cache.wait(of, std::move(a));
  }
  /// Answers with a page for each room, which has the rows of that room.
  void answer(std::size_t request, const std::vector<message>& rows) {
    std::vector<log_page> pages;
    for (const auto& room : requests.at(request).what.rooms) {
      auto& page = pages.emplace_back();
      for (const auto& row : rows)
        if (row.room == room)
          page.push_back(row);
    }
    answer_pages(request, std::move(pages));
  }
  void answer_pages(std::size_t request, std::vector<log_page> pages) {
    const auto act = requests.at(request).answer;
    act(std::make_shared<const std::vector<log_page>>(std::move(pages)));
  }
  static encoded piece(row_id first, row_id last) {
    const auto rows = rows_between(first, last);
    return encode(pointers_to(rows), 65536);
  }
};

} // namespace

TEST_CASE("the rooms that open while a page is read share the next request") {
  cache_stage stage;
  room_tail one, two, three;
  stage.wait(one, "one");
  stage.wait(two, "two");
  stage.wait(three, "three");
  stage.wait(three, "three");
  REQUIRE(stage.requests.size() == 1);
  CHECK(stage.requests[0].what.rooms == std::vector<std::string>{"one"});
  CHECK(stage.requests[0].what.before == 101);
  stage.answer(0, {});
  REQUIRE(stage.requests.size() == 2);
  CHECK(stage.requests[1].what.rooms == std::vector<std::string>{"two", "three"});
  stage.answer(1, {});
  CHECK(stage.answered == std::map<std::string, std::size_t>{{"one", 1}, {"two", 1}, {"three", 2}});
  CHECK(three.hot);
}

TEST_CASE("what is published while the page is read comes after the page") {
  cache_stage stage;
  room_tail room;
  stage.cache.append(room, stage.piece(99, 99)); // nobody waits: the page will hold it
  stage.wait(room);
  stage.cache.append(room, stage.piece(101, 102));
  stage.answer(0, rows_between(98, 100));
  const auto all = room.hot->after(0, 1 << 20);
  CHECK(all.messages == 5);
  CHECK(all.last == 102);
}

TEST_CASE("a failed request is repeated for all its rooms that are still there") {
  cache_stage stage;
  room_tail stays;
  auto ends = std::make_unique<room_tail>();
  stage.wait(stays, "stays");
  stage.answer(0, {});
  stage.cache.drop_all();
  stage.wait(*ends, "ends");
  stage.wait(stays, "stays");
  stage.requests[1].answer(nullptr);
  CHECK(stage.retries == 1);
  ends.reset();
  stage.cache.load();
  REQUIRE(stage.requests.size() == 3);
  CHECK(stage.requests[2].what.rooms == std::vector<std::string>{"stays"});
}

TEST_CASE("rooms that get no page, because others are too large, are requested again") {
  cache_stage stage;
  room_tail first, one, two, three;
  stage.wait(first, "first");
  for (const auto& [room, name] : {std::pair{&one, "one"}, {&two, "two"}, {&three, "three"}})
    stage.wait(*room, name);
  stage.answer(0, {});
  CHECK(stage.requests.at(1).what.total_bytes == 16 << 20);
  stage.answer_pages(1, std::vector<log_page>(1));
  CHECK(one.hot);
  CHECK_FALSE(two.hot);
  CHECK(stage.requests.at(2).what.rooms == std::vector<std::string>{"two", "three"});
  stage.cache.append(two, stage.piece(101, 101));
  stage.answer(2, {});
  CHECK(two.hot->after(0, 1 << 20).last == 101);
  CHECK(stage.answered ==
        std::map<std::string, std::size_t>{{"first", 1}, {"one", 1}, {"two", 1}, {"three", 1}});
}

TEST_CASE("a tail whose first page has ended early begins with that page") {
  cache_stage stage;
  room_tail room;
  stage.wait(room);
  auto page = page_of(rows_between(98, 100));
  page.ended_early = true;
  stage.answer_pages(0, {page});
  CHECK(room.hot->floor() == 97);
  CHECK(room.hot->after(97, 1 << 20).messages == 3);
}

TEST_CASE("a room that ends while its page is read is forgotten") {
  cache_stage stage;
  auto room = std::make_unique<room_tail>();
  stage.wait(*room);
  room.reset();
  stage.answer(0, rows_between(1, 3));
  CHECK(stage.answered.empty());
  CHECK(stage.memory->tails == 0);
}

TEST_CASE("one call drops all tails, and a page in flight is ignored and requested again") {
  cache_stage stage;
  room_tail loaded, loading, queued;
  stage.wait(loaded, "loaded");
  stage.answer(0, rows_between(1, 3));
  stage.wait(loading, "loading");
  stage.wait(queued, "queued");
  stage.cache.append(loading, stage.piece(101, 102));
  stage.cache.drop_all();
  CHECK_FALSE(loaded.hot);
  CHECK(stage.memory->tails == 0);
  stage.log.head = 50;
  stage.answer(1, rows_between(90, 100));
  CHECK_FALSE(loading.hot);
  REQUIRE(stage.requests.size() == 3);
  CHECK(stage.requests[2].what.before == 51);
  CHECK(stage.requests[2].what.rooms.size() == 2);
  auto rows = rows_between(40, 50);
  for (auto& row : rows)
    row.room = "loading";
  stage.answer(2, std::move(rows));
  CHECK(loading.hot->after(0, 1 << 20).last == 50);
  CHECK(queued.hot);
  CHECK(stage.answered["loading"] == 1);
}

TEST_CASE("a sweep drops the tails that were not used since the last one") {
  cache_stage stage;
  room_tail used, idle;
  stage.wait(used, "used");
  stage.wait(idle, "idle");
  stage.answer(0, {});
  stage.answer(1, {});
  used.used_since_sweep = true;
  stage.cache.shed();
  CHECK(used.hot);
  CHECK_FALSE(idle.hot);
  stage.cache.shed();
  CHECK_FALSE(used.hot);
}

TEST_CASE("nothing is requested before the log has a name") {
  cache_stage stage;
  stage.log.name.clear();
  room_tail room;
  stage.wait(room);
  CHECK(stage.requests.empty());
  stage.log.name = "the log";
  stage.cache.load();
  CHECK(stage.requests.size() == 1);
}
