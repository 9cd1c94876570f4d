// What comes to a lane while it is at work.
#include "net/websocket/lane.hpp"

#include "tests/support/deadline.hpp"

#include <doctest/doctest.h>
#include <future>

using namespace hubbub;

TEST_CASE("what comes in the middle of a round is in the next one, though nobody comes after it") {
  lane one("io 1", {}, std::make_shared<hub_counters>());
  one.start();
  const auto publish = [&one](std::function<void()> done) {
    // A credit ends within the round that its batch was in.
    one.publish(
        1, {make_shared_bytes("{}"), 1, 1, 1, {}},
        std::shared_ptr<const void>(&one, [done = std::move(done)](const void*) { done(); }));
  };
  for (int i = 0; i < 100; ++i) {
    std::promise<void> second;
    publish([&] { publish([&] { second.set_value(); }); });
    REQUIRE(second.get_future().wait_for(test::patience) == std::future_status::ready);
  }
  one.stop();
}
