// A client with many rooms is written to once a round of its I/O thread, not once for each room. A
// round is everything that the thread finds when it comes to its queue, so here the thread is
// stalled until all of it is there. The kernel counts the segments that a client receives. Without
// delay (TCP_NODELAY) each write of the hub is at least one segment, except that the kernel
// sometimes merges two.
#include "tests/server/io_threads.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/support/sqlite.hpp"

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

} // namespace

TEST_CASE("a client is written to once a round, whatever the number of its rooms") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  client_of_each_thread clients{hub};
  auto &alice = clients.of_second(), &bob = clients.of_first();
  room_reader here{alice}, there{bob};
  const auto rooms = room_names(50);
  alice.send_all(subscriptions(rooms));
  bob.send_all(subscriptions(rooms));
  for (auto* each : {&here, &there})
    each->until("the rooms and their people", [&] {
      return std::all_of(rooms.begin(), rooms.end(),
                         [&](const auto& room) { return each->online[room] == 2; });
    });

  auto before = segments(bob);
  for (std::size_t i = 1; i <= rooms.size(); ++i) { // one message at a time is one write each
    alice.say_in("room-1", "alone");
    there.until("the message", [&] { return there.texts["room-1"].size() == i; });
  }
  const auto alone = segments(bob) - before;
  CHECK(alone >= int(rooms.size()));

  constexpr std::size_t rounds = 10;
  before = segments(bob);
  here.until_each_has({"room-1"}, rooms.size());
  for (std::size_t i = 1; i <= rounds; ++i) {
    {
      const stall still{hub.server().pid(), "io 1"};
      alice.send_all(messages(rooms, "together"));
      here.until("the messages", [&] { return here.messages == rooms.size() * (1 + i); });
    }
    there.until("the messages", [&] { return there.messages == rooms.size() * (1 + i); });
  }
  const auto together = segments(bob) - before;
  MESSAGE(alone << " writes for " << rooms.size() << " messages alone, " << together << " for "
                << rounds << " times as many together");
  CHECK(together <= int(3 * rounds));
}

TEST_SUITE_END();
