// A client with many rooms is written to once for each batch of messages, not once for each room.
// The kernel counts the segments that a client receives. Without delay (TCP_NODELAY) each write of
// the hub is at least one segment, except that the kernel sometimes merges two.
#include "tests/server/many_rooms.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"

#include <doctest/doctest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace test;

TEST_SUITE_BEGIN("many rooms");

namespace {

/// The segments with data that the client has received.
int segments(visitor& who) {
  tcp_info info{};
  socklen_t size = sizeof info;
  REQUIRE(::getsockopt(who.transport().native(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
  REQUIRE(size >= offsetof(tcp_info, tcpi_data_segs_in) + sizeof info.tcpi_data_segs_in);
  return int(info.tcpi_data_segs_in);
}

constexpr int rounds = 10;

} // namespace

TEST_CASE("a client is written to once a batch, whatever the number of its rooms") {
  sqlite db;
  hub hub{db, {{"THREADS", "1"}}};
  visitor alice{hub}, bob{hub};
  room_reader here{alice}, there{bob};
  const auto rooms = room_names(50);
  alice.send_all(subscriptions(rooms));
  bob.send_all(subscriptions(rooms));
  for (auto* each : {&here, &there})
    each->until("the rooms and their people", [&] {
      return each->answers.size() == 51 && each->online.size() == 51 &&
             std::all_of(each->online.begin(), each->online.end(),
                         [](const auto& room) { return room.second == 2; });
    });

  auto before = segments(bob);
  for (std::size_t i = 1; i <= rooms.size(); ++i) { // one message at a time is one write each
    alice.say("alone");
    there.until("the message", [&] { return there.texts["lobby"].size() == i; });
  }
  const auto alone = segments(bob) - before;
  CHECK(alone >= int(rooms.size()));

  before = segments(bob);
  for (std::size_t i = 1; i <= rounds; ++i) {
    {
      const stall still{hub.server().pid(), "persistence"}; // so that all are in one batch or two
      alice.send_all(messages(rooms, "together"));
      eventually("the messages to be accepted", [&] {
        return fetch(hub.port(), "/ws-info").json()["messages"]["in"]["total"] ==
               rooms.size() * (1 + i);
      });
    }
    there.until_each_has(rooms, i);
  }
  const auto together = segments(bob) - before;
  MESSAGE(alone << " writes for " << rooms.size() << " messages alone, " << together << " for "
                << rounds << " times as many together");
  CHECK(together <= 4 * rounds);
}

TEST_SUITE_END();
