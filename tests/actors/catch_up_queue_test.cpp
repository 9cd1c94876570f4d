// The catch-up queue alone. History and the rest of the broadcaster are played by the test.
#include "actors/catch_up_queue.hpp"
#include "tests/actors/recording_sink.hpp"
#include "tests/actors/rows.hpp"

using namespace test;

namespace {

struct queue_stage {
  shown_log log{"the log", 100};
  recording_sink sink;
  struct request {
    page_request what;
    std::function<void(const page&)> answer;
  };
  std::vector<request> pages;
  std::vector<std::function<void(std::optional<row_id>)>> newest;
  struct counting {
    count_request what;
    std::function<void(std::optional<std::int64_t>)> answer;
  };
  std::vector<counting> counts;
  std::vector<attach> again, later;
  room_ref room = 7;
  catch_up_queue queue{
      log,
      65536,
      std::make_shared<memory_budget>(),
      std::make_shared<hub_counters>(),
      {[this](page_request what, std::function<void(const page&)> answer) {
         pages.push_back({std::move(what), std::move(answer)});
       },
       [this](std::function<void(std::optional<row_id>)> answer) {
         newest.push_back(std::move(answer));
       },
       [this](count_request what, std::function<void(std::optional<std::int64_t>)> answer) {
         counts.push_back({std::move(what), std::move(answer)});
       },
       [this](const std::string&) { return room; },
       [this](attach a) { again.push_back(std::move(a)); },
       [this](attach a) { later.push_back(std::move(a)); }}};

  attach cursor(session_ref session, row_id after, bool first = false) {
    return {"lobby",
            &sink,
            encoding::plain,
            session,
            1,
            {},
            first ? greeting::init : greeting::none,
            true,
            position{after, log.name}};
  }
  void answer_page(std::size_t request, row_id first, row_id last) {
    const auto act = pages.at(request).answer;
    act(std::make_shared<const log_page>(page_of(rows_between(first, last))));
  }
  void answer_newest(std::size_t request, std::optional<row_id> id) {
    const auto act = newest.at(request);
    act(id);
  }
};

} // namespace

TEST_CASE("a page is delivered with the cursor after it, and without the rows over the head") {
  queue_stage stage;
  stage.queue.push(stage.cursor(1, 90, true));
  REQUIRE(stage.pages.size() == 1);
  CHECK(stage.pages[0].what.after == 90);
  stage.answer_page(0, 91, 103);
  CHECK(stage.sink.got[1].at(0)["type"] == "init");
  CHECK(stage.sink.got[1].at(0)["resumed"] == true);
  CHECK(stage.sink.ids(1).back() == 100);
  CHECK(stage.sink.last[1].cursor == 100);
  CHECK_FALSE(stage.sink.last[1].live);
}

TEST_CASE("an empty page moves the cursor to the head at the time of the request") {
  queue_stage stage;
  stage.queue.push(stage.cursor(1, 90));
  stage.log.head = 120;
  stage.answer_page(0, 1, 0);
  CHECK(stage.sink.last[1].cursor == 100);
}

TEST_CASE("at most eight pages are requested at once, and the others follow") {
  queue_stage stage;
  for (session_ref session = 1; session <= 12; ++session)
    stage.queue.push(stage.cursor(session, 0));
  CHECK(stage.pages.size() == 8);
  stage.answer_page(0, 1, 5);
  CHECK(stage.pages.size() == 9);
  const auto fail = stage.pages[1].answer;
  fail(nullptr);
  CHECK(stage.pages.size() == 10);
  REQUIRE(stage.later.size() == 1);
  CHECK(stage.later[0].session == 2);
}

TEST_CASE("missed messages are counted on from the row where the count has ended") {
  queue_stage stage;
  auto a = stage.cursor(1, 10, true);
  a.limit = resume_limit{5, 3, 40};
  for (int i = 0; i < 3; ++i)
    stage.queue.count(a);
  REQUIRE(stage.counts.size() == 1); // one at a time
  CHECK(stage.counts[0].what.after == 40);
  CHECK(stage.counts[0].what.last == 100);
  stage.log.head = 120;
  auto answer = stage.counts[0].answer;
  answer(7);
  REQUIRE(stage.again.size() == 1);
  CHECK(stage.again[0].limit->missed == 10);
  CHECK(stage.again[0].limit->counted_to == 100);
  answer = stage.counts.at(1).answer;
  answer({});
  REQUIRE(stage.later.size() == 1);
  CHECK(stage.later[0].limit->missed == 3);
  CHECK(stage.later[0].limit->counted_to == 40);
  answer = stage.counts.at(2).answer;
  answer(resume_limit::max_count);
  CHECK(stage.again.at(1).limit->missed == resume_limit::max_count);
}

TEST_CASE("a page for a room that has ended is dropped") {
  queue_stage stage;
  stage.queue.push(stage.cursor(1, 0));
  stage.room = 0;
  stage.answer_page(0, 1, 5);
  CHECK(stage.sink.got.empty());
}

TEST_CASE("a cursor over the head waits for the head if the log has it, and else is void") {
  queue_stage stage;
  stage.queue.verify(stage.cursor(1, 105, true));
  stage.queue.verify(stage.cursor(2, 106, true)); // waits for the next request
  REQUIRE(stage.newest.size() == 1);
  stage.answer_newest(0, 105);
  CHECK(stage.again.empty());
  REQUIRE(stage.newest.size() == 2);
  stage.answer_newest(1, 105);
  REQUIRE(stage.again.size() == 1);
  CHECK(stage.again[0].session == 2);
  CHECK_FALSE(stage.again[0].from);
  stage.log.head = 105;
  stage.queue.answer_reached();
  REQUIRE(stage.again.size() == 2);
  CHECK(stage.again[1].session == 1);
  CHECK(stage.again[1].from->after == 105);
}

TEST_CASE("a cursor over the head is tried again when the newest id cannot be read") {
  queue_stage stage;
  stage.queue.verify(stage.cursor(1, 105));
  stage.answer_newest(0, std::nullopt);
  CHECK(stage.later.size() == 1);
}

TEST_CASE("the cursor of a session that is over the newest id waits for a fork") {
  queue_stage stage;
  stage.queue.verify(stage.cursor(1, 105));
  stage.answer_newest(0, 90);
  CHECK(stage.again.empty());
  stage.queue.start_over();
  REQUIRE(stage.again.size() == 1);
  CHECK(stage.again[0].from->after == 105);
}

TEST_CASE("what was requested before the log has lost rows is ignored and asked for again") {
  queue_stage stage;
  stage.queue.push(stage.cursor(1, 90));
  stage.queue.verify(stage.cursor(2, 105, true));
  stage.queue.start_over();
  stage.answer_page(0, 91, 95);
  stage.answer_newest(0, 90);
  CHECK(stage.sink.got.empty());
  REQUIRE(stage.again.size() == 2);
  CHECK(stage.again[0].session == 1);
  CHECK(stage.again[1].from->after == 105);
  stage.queue.push(stage.again[0]);
  stage.answer_page(1, 91, 93);
  CHECK(stage.sink.ids(1).back() == 93);
}

TEST_CASE("a page begins with the forks that the session does not know, each on its own") {
  queue_stage stage;
  stage.log.forks = {{50, 1000}, {1010, 9000}};
  stage.log.head = 9000;
  auto knows_none = stage.cursor(1, 40), knows_one = stage.cursor(2, 40),
       knows_all = stage.cursor(3, 40);
  knows_one.known_fork = 1000;
  knows_all.known_fork = 9000;
  for (const auto& a : {knows_none, knows_one, knows_all})
    stage.queue.push(a);
  for (std::size_t i = 0; i < 3; ++i)
    stage.answer_page(i, 41, 42);
  CHECK(stage.sink.events(1, "fork").size() == 2);
  CHECK(stage.sink.got[1][0]["first"] == 1000);
  CHECK(stage.sink.got[1][1]["first"] == 9000);
  CHECK(stage.sink.got[1].size() == 4);
  REQUIRE(stage.sink.events(2, "fork").size() == 1);
  CHECK(stage.sink.got[2][0]["after"] == 1010);
  CHECK(stage.sink.events(3, "fork").empty());
  for (session_ref session : {1, 2, 3})
    CHECK(stage.sink.last[session].known_fork == 9000);
}
