// Events that arrive at an I/O thread while it handles others.
#include "net/websocket/io_thread.hpp"

#include "tests/support/deadline.hpp"

#include <doctest/doctest.h>
#include <future>

using namespace hubbub;

TEST_CASE(
    "an event that arrives during a round is handled in the next one, without a further event") {
  io_thread one("io 1", {}, std::make_shared<hub_counters>());
  one.start();
  const auto publish = [&one](std::function<void()> done) {
    // The credit is destroyed within the round that handles its batch.
    one.publish(
        1, encoding::plain, {make_shared_bytes("{}"), 1, 1, 1, {}},
        std::shared_ptr<const void>(&one, [done = std::move(done)](const void*) { done(); }));
  };
  for (int i = 0; i < 100; ++i) {
    std::promise<void> second;
    publish([&] { publish([&] { second.set_value(); }); });
    REQUIRE(second.get_future().wait_for(test::patience) == std::future_status::ready);
  }
  one.stop();
}
