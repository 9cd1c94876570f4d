// The subscriptions of one session: whose turn it is, and what falls behind.
#include "tests/unit/fanout_stage.hpp"

#include "storage/log.hpp"

using namespace test;

namespace {

constexpr std::size_t outbox = 1000;

/// Returns the numbers that may be requested now.
std::vector<subscription_ref> requests(played_session& of, std::size_t queued = 0) {
  std::vector<subscription_ref> out;
  while (const auto* next = of.subscriptions.request_next(queued, outbox))
    out.push_back(next->number);
  return out;
}

delivery answer(std::size_t bytes, bool live = true, row_id cursor = 0) {
  return {{make_shared_bytes(std::string(bytes, 'a'))}, cursor, live};
}

using numbers = std::vector<subscription_ref>;

} // namespace

TEST_CASE("new subscriptions are requested in turn, more at once after each small delivery") {
  fanout_stage stage;
  played_session one{stage.fanout};
  for (subscription_ref i = 1; i <= 10; ++i)
    one.subscriptions.add(i, subscription::phase::queued);
  CHECK(requests(one) == numbers{1});
  one.subscriptions.delivered(*one.subscriptions.find(1), 1, answer(100));
  CHECK(requests(one) == numbers{2, 3});
  one.subscriptions.delivered(*one.subscriptions.find(2), 2, answer(100));
  CHECK(requests(one) == numbers{4, 5, 6});
  one.subscriptions.delivered(*one.subscriptions.find(3), 3, answer(100'000));
  CHECK(requests(one).empty());
}

TEST_CASE("a new subscription that waits for the database holds up no other room") {
  fanout_stage stage;
  played_session one{stage.fanout};
  one.enter(1, 1);
  for (subscription_ref i = 2; i <= 4; ++i)
    one.subscriptions.add(i, subscription::phase::queued);
  CHECK(requests(one) == numbers{2, 3}); // and these are not answered
  one.subscriptions.fall_behind();
  CHECK(requests(one) == numbers{1});
}

TEST_CASE("no new subscription is requested while the outbox is full") {
  fanout_stage stage;
  played_session one{stage.fanout};
  one.subscriptions.add(1, subscription::phase::queued);
  CHECK(requests(one, outbox).empty());
  CHECK(requests(one, outbox - 1) == numbers{1});
}

TEST_CASE("subscriptions that are behind take turns, one at a time, while the queue is empty") {
  fanout_stage stage;
  played_session one{stage.fanout};
  for (subscription_ref i = 1; i <= 3; ++i)
    one.enter(i, i);
  one.subscriptions.fall_behind();
  CHECK(requests(one, 1).empty());
  CHECK(requests(one) == numbers{1});
  CHECK(requests(one).empty());
  one.subscriptions.delivered(*one.subscriptions.find(1), 1, answer(100, false, 5));
  CHECK(requests(one) == numbers{2});
  one.subscriptions.delivered(*one.subscriptions.find(2), 2, answer(100));
  CHECK(requests(one) == numbers{3});
  one.subscriptions.delivered(*one.subscriptions.find(3), 3, answer(100));
  CHECK(requests(one) == numbers{1});
  CHECK(one.subscriptions.find(1)->cursor == 5);
  CHECK(one.subscriptions.behind());
  one.subscriptions.delivered(*one.subscriptions.find(1), 1, answer(0));
  CHECK_FALSE(one.subscriptions.behind());
}

TEST_CASE("each subscription falls behind from what its own room was sent last") {
  fanout_stage stage;
  played_session one{stage.fanout, no_descriptor};
  one.enter(1, 10, 3);
  one.enter(2, 11, 8);
  stage.publish(10, "a", 7);
  stage.fanout.send_all();
  stage.publish(11, "b", 9); // taken in this round, and not sent
  one.subscriptions.fall_behind();
  stage.fanout.send_all();
  CHECK(one.offers.size() == 1);
  CHECK(one.subscriptions.find(1)->cursor == 7);
  CHECK(one.subscriptions.find(2)->cursor == 8);
  CHECK(one.subscriptions.least_cursor() == 7);
}

TEST_CASE("in a quiet room a subscription falls behind from the head of the log") {
  fanout_stage stage;
  played_session one{stage.fanout};
  one.enter(1, 10, 3);
  one.enter(2, 11, 3);
  one.enter(3, 12, 30);
  stage.publish(10, "a", 7);
  stage.fanout.set_head(20);
  stage.fanout.send_all();
  stage.publish(11, "b", 25); // taken in this round, and not sent
  one.subscriptions.fall_behind();
  CHECK(one.subscriptions.find(1)->cursor == 20);
  CHECK(one.subscriptions.find(2)->cursor == 3);
  CHECK(one.subscriptions.find(3)->cursor == 30);
}

TEST_CASE("a subscription whose bytes were withdrawn reads them again") {
  fanout_stage stage;
  played_session one{stage.fanout};
  one.enter(1, 10, 3);
  stage.publish(10, "a", 7);
  stage.publish(10, "b", 8);
  stage.fanout.send_all();
  CHECK(one.subscriptions.sent() == 2);
  one.subscriptions.fall_behind();
  one.subscriptions.withdrawn({1, 7, 1});
  one.subscriptions.withdrawn({5, 1, 0}); // it has ended meanwhile
  CHECK(one.subscriptions.find(1)->cursor == 7);
  CHECK(one.subscriptions.sent() == 1);
}

TEST_CASE("a subscription may end in every phase") {
  fanout_stage stage;
  played_session one{stage.fanout};
  one.enter(1, 10);
  for (subscription_ref i = 2; i <= 4; ++i)
    one.subscriptions.add(i, subscription::phase::queued);
  CHECK(requests(one) == numbers{2, 3});
  for (subscription_ref i = 1; i <= 4; ++i)
    one.subscriptions.remove(*one.subscriptions.find(i));
  CHECK(one.subscriptions.size() == 0);
  CHECK(requests(one).empty());
  CHECK(one.subscriptions.least_cursor() == no_end);
  stage.publish(10, "a", 1);
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 0);
  one.subscriptions.add(5, subscription::phase::queued);
  CHECK(requests(one) == numbers{5});
}
