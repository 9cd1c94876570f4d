// The live fan-out of one I/O thread, without sockets.
#include "tests/unit/fanout_stage.hpp"

using namespace test;

TEST_CASE("the chunks of a round are merged and written once to each session of the room") {
  fanout_stage stage;
  played_session one{stage.fanout, 1}, two{stage.fanout, 2}, elsewhere{stage.fanout, 3};
  one.enter(1, 10);
  two.enter(1, 10);
  elsewhere.enter(1, 11);
  stage.publish(10, "a", 1);
  stage.publish(10, "b", 2);
  CHECK(played_sockets::writes == 0);
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 2);
  CHECK(played_sockets::got[1] == "ab");
  CHECK(played_sockets::got[2] == "ab");
  CHECK(played_sockets::got.count(3) == 0);
  CHECK(stage.counters->sum()[counter::delivered] == 4);
  CHECK(stage.counters->sum()[counter::sent_bytes] == 4);
}

TEST_CASE("a room with more bytes than one write holds is written to twice in a round") {
  fanout_stage stage;
  played_session one{stage.fanout, 1};
  one.enter(1, 10);
  const std::string sixty(60, 'a');
  stage.publish(10, sixty, 1);
  stage.publish(10, sixty, 2);
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 2);
  CHECK(played_sockets::got[1].size() == 120);
}

TEST_CASE("encodings of one room are channels of their own") {
  fanout_stage stage;
  played_session plain{stage.fanout, 1}, small{stage.fanout, 2};
  small.subscriptions.set_encoding(encoding::deflated);
  plain.enter(1, 10);
  small.enter(1, 10);
  stage.fanout.publish({10, encoding::deflated}, {make_shared_bytes("z"), 1, 1, 1, {}});
  stage.publish(10, "plain", 1);
  stage.fanout.send_all();
  CHECK(played_sockets::got[1] == "plain");
  CHECK(played_sockets::got[2] == "z");
}

TEST_CASE("the head may follow what was published") {
  fanout_stage stage;
  played_session one{stage.fanout, 1};
  one.enter(1, 10);
  stage.fanout.set_head(4);
  stage.publish(10, "a", 5);
  stage.fanout.send_all();
  CHECK(stage.fanout.is_ahead_of_head());
  CHECK(stage.fanout.complete_to() == 4);
  stage.fanout.set_head(5);
  CHECK_FALSE(stage.fanout.is_ahead_of_head());
  stage.fanout.lower_head(2); // the log is another one
  CHECK_FALSE(stage.fanout.is_ahead_of_head());
}

TEST_CASE("what was published before a subscription joins does not reach it") {
  fanout_stage stage;
  played_session one{stage.fanout, 1}, late{stage.fanout, 2};
  one.enter(1, 10);
  stage.publish(10, "before", 1);
  late.enter(1, 10, 1);
  stage.publish(10, " after", 2);
  stage.fanout.send_all();
  CHECK(played_sockets::got[1] == "before after");
  CHECK(played_sockets::got[2] == " after");
}

TEST_CASE("the rest of a partial write is queued with the cursor before it") {
  fanout_stage stage;
  played_session one{stage.fanout, 1}, none{stage.fanout, 2};
  played_sockets::takes = {{1, 2}, {2, -1}};
  one.enter(1, 10, 4);
  none.enter(1, 10, 4);
  stage.publish(10, "abc", 5);
  stage.fanout.send_all();
  REQUIRE(one.rests.size() == 1);
  CHECK(one.rests[0].bytes == "c");
  CHECK(one.rests[0].shown == 4);
  REQUIRE(none.rests.size() == 1);
  CHECK(none.rests[0].bytes == "abc");
  stage.publish(10, "d", 6);
  stage.fanout.send_all();
  REQUIRE(one.offers.size() == 1);
  CHECK(one.offers[0].shown == 5);
  CHECK(stage.counters->sum()[counter::sent_bytes] == 2);
}

TEST_CASE("members that leave while the room is being sent to are not served, and nobody is served "
          "twice") {
  fanout_stage stage;
  std::vector<std::unique_ptr<played_session>> all;
  for (int i = 0; i < 6; ++i) {
    all.push_back(std::make_unique<played_session>(stage.fanout, i));
    all.back()->enter(1, 10);
    all.back()->subscriptions.set_busy(true);
    if (i % 2)
      all.back()->takes = 0;
  }
  stage.publish(10, "a", 1);
  stage.fanout.send_all();
  for (int i = 0; i < 6; ++i) {
    CHECK(all[std::size_t(i)]->offers.size() == (i % 2 ? 0 : 1));
    CHECK(all[std::size_t(i)]->subscriptions.behind() == bool(i % 2));
  }
  stage.publish(10, "b", 2);
  stage.fanout.send_all();
  CHECK(all[0]->offers.size() == 2);
  CHECK(all[1]->offers.empty());
}

TEST_CASE("a session in many rooms is flushed once a round, whatever the number of its rooms") {
  fanout_stage stage;
  played_session many{stage.fanout, 1};
  for (subscription_ref i = 1; i <= 50; ++i)
    many.enter(i, i);
  for (room_ref room = 1; room <= 50; ++room)
    stage.publish(room, "a", row_id(room));
  stage.fanout.send_all();
  CHECK(many.offers.size() == 50);
  CHECK(many.flushes == 1);
  CHECK(played_sockets::writes == 0);
  stage.fanout.send_all();
  CHECK(many.flushes == 1);
  CHECK(stage.counters->sum().times(counter::delivery) == 50);
}

TEST_CASE("the chunks of many rooms wait for each session in the order in which they were sent") {
  fanout_stage stage;
  played_session all{stage.fanout, 1}, some{stage.fanout, 2};
  for (subscription_ref i = 1; i <= 3; ++i)
    all.enter(i, i);
  some.enter(1, 1);
  some.enter(2, 3);
  const std::string sixty(60, 'b'); // two of them are more than one write holds
  stage.publish(3, sixty, 1);
  stage.publish(1, "a", 2);
  stage.publish(3, sixty, 3);
  stage.publish(2, "c", 4);
  stage.fanout.send_all();
  const auto got = [](const played_session& of) {
    std::vector<std::tuple<subscription_ref, std::size_t, row_id>> out;
    for (const auto& each : of.offers)
      out.emplace_back(each.of, each.bytes.size(), each.shown);
    return out;
  };
  CHECK(got(all) == decltype(got(all)){{3, 60, 0}, {3, 60, 1}, {1, 1, 0}, {2, 1, 0}});
  CHECK(got(some) == decltype(got(some)){{2, 60, 0}, {2, 60, 1}, {1, 1, 0}});
}

TEST_CASE("a room that is alone in its round is written to directly in sessions with many rooms") {
  fanout_stage stage;
  played_session free{stage.fanout, 0}, busy{stage.fanout, 1}, secure{stage.fanout, no_descriptor};
  for (auto* each : {&free, &busy, &secure})
    for (subscription_ref room = 1; room <= 3; ++room)
      each->enter(room, room);
  busy.subscriptions.set_busy(true);
  stage.publish(2, "a", 1);
  stage.fanout.send_all();
  CHECK(played_sockets::got == std::map<int, std::string>{{0, "a"}});
  CHECK(busy.offers.size() == 1);
  CHECK(secure.offers.size() == 1);
  CHECK(free.flushes == 0);

  busy.subscriptions.set_busy(false);
  const std::string sixty(60, 'b');
  stage.publish(2, sixty, 2);
  stage.publish(2, sixty, 3); // two of them are more than one write holds
  stage.fanout.send_all();
  CHECK(played_sockets::got == std::map<int, std::string>{{0, "a"}});
  CHECK(free.offers.size() == 2);

  stage.publish(2, "c", 4);
  stage.publish(3, "d", 5);
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 1);
  CHECK(free.offers.size() == 4);
}

TEST_CASE("a session is asked in each round how many bytes it takes, and told of a chunk beyond") {
  fanout_stage stage;
  played_session one{stage.fanout, no_descriptor};
  one.enter(1, 1);
  one.enter(2, 2);
  one.takes = 3;
  for (row_id id = 1; id <= 2; ++id) {
    stage.publish(1, "aaa", id);
    stage.fanout.send_all();
  }
  CHECK(one.offers.size() == 2);
  stage.publish(1, "aaa", 3);
  stage.publish(2, "b", 4);
  stage.fanout.send_all();
  REQUIRE(one.exceeded.size() == 1);
  CHECK(one.exceeded[0].of == 2);
  CHECK(one.offers.size() == 3);
  CHECK(one.subscriptions.behind());
}

TEST_CASE("members are flushed within a round when very many chunks wait") {
  fanout_stage stage;
  std::vector<std::unique_ptr<played_session>> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(std::make_unique<played_session>(stage.fanout, i));
    for (subscription_ref room = 1; room <= 10'000; ++room)
      all.back()->enter(room, room);
  }
  for (row_id room = 1; room <= 10'000; ++room)
    stage.publish(room_ref(room), "a", room);
  stage.fanout.send_all();
  for (const auto& each : all) {
    CHECK(each->flushes == 2);
    CHECK(each->offers.size() == 10'000);
  }
}

TEST_CASE("what a session with many rooms does not take of a direct write is queued") {
  fanout_stage stage;
  played_session one{stage.fanout, 1};
  one.enter(1, 10, 4);
  one.enter(2, 11, 4);
  played_sockets::takes = {{1, 2}};
  stage.publish(11, "abc", 5);
  stage.fanout.send_all();
  REQUIRE(one.rests.size() == 1);
  CHECK(one.rests[0].of == 2);
  CHECK(one.rests[0].bytes == "c");
  CHECK(one.rests[0].shown == 4);
  stage.publish(10, "d", 6); // the session is busy now
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 1);
  CHECK(one.offers.size() == 1);
}

TEST_CASE("a session with one room left is written to directly again") {
  fanout_stage stage;
  played_session one{stage.fanout, 1};
  one.enter(1, 10);
  auto& second = one.enter(2, 11);
  stage.publish(10, "a", 1);
  stage.publish(11, "a", 2);
  stage.fanout.send_all();
  CHECK(played_sockets::writes == 0);
  one.subscriptions.remove(second);
  stage.publish(10, "b", 3);
  stage.publish(11, "c", 4);
  stage.fanout.send_all();
  CHECK(played_sockets::got[1] == "b");
}

TEST_CASE("a session that ends before the round ends is not flushed") {
  fanout_stage stage;
  played_session other{stage.fanout, 2};
  other.enter(1, 1);
  other.enter(2, 2);
  {
    played_session short_lived{stage.fanout, 1};
    short_lived.enter(1, 1);
    short_lived.enter(2, 2);
    const std::string sixty(60, 'a');
    stage.publish(1, sixty, 1);
    stage.publish(1, sixty, 2); // the first is sent now, to wait for the end of the round
    REQUIRE_FALSE(short_lived.waiting.empty());
  }
  stage.fanout.send_all();
  CHECK(other.offers.size() == 2);
  stage.fanout.erase_empty_rooms();
}
