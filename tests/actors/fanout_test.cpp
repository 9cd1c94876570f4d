// The fan-out alone: encoding and compression, once per room, and the sinks with members.
#include "actors/fanout.hpp"
#include "tests/actors/rows.hpp"

#include <doctest/doctest.h>

using namespace test;

namespace {

/// Keeps the chunks that it is given.
struct chunk_sink final : session_sink {
  void publish(room_ref room, encoding how, const chunk& what,
               const batch_credit& credit) override {
    rooms.push_back(room);
    (how == encoding::plain ? chunks : small_chunks).push_back(what);
    credits.push_back(credit);
  }
  void deliver(session_ref, subscription_ref, room_ref, delivery) override {}
  void reply(session_ref, std::string, frame_volume, std::uint32_t) override {}
  void notify(session_ref, subscription_ref, std::string) override {}
  void subscribe(session_ref, subscription_ref, frame_volume) override {}
  void unsubscribe(session_ref, subscription_ref, std::string, frame_volume) override {}
  void close_all(std::uint16_t, std::size_t, std::size_t) override {}

  std::vector<room_ref> rooms;
  std::vector<chunk> chunks, small_chunks;
  std::vector<batch_credit> credits;
};

} // namespace

TEST_CASE("a chunk is encoded once for all sinks, and compressed once for who takes it so") {
  chunk_sink plain, both, small, stranger;
  room_members room{7, {}};
  room.add(&plain, encoding::plain);
  room.add(&both, encoding::plain);
  room.add(&both, encoding::deflated);
  room.add(&small, encoding::deflated);
  fanout out(65536, std::make_shared<memory_budget>());
  const auto all = rows_between(1, 3, std::string(200, 'a'));
  const auto pointers = pointers_to(all);
  std::span<const message* const> rest = pointers;
  const auto piece = out.publish_next(room, rest, {});
  CHECK(rest.empty());
  CHECK(plain.rooms == std::vector<room_ref>{7});
  CHECK(plain.chunks.at(0).bytes == piece.frames.bytes);
  CHECK(plain.small_chunks.empty());
  CHECK(both.chunks.at(0).bytes == piece.frames.bytes);
  CHECK(both.small_chunks.at(0).bytes == small.small_chunks.at(0).bytes);
  CHECK(small.chunks.empty());
  CHECK(small.small_chunks.at(0).bytes->size() < piece.frames.bytes->size());
  CHECK(small.small_chunks.at(0).last == 3);
  CHECK(small.small_chunks.at(0).messages == 3);
  CHECK(stranger.rooms.empty());
}

TEST_CASE("a chunk is made into events once for each kind of line") {
  chunk_sink one, two, rooms;
  room_members room{7, {}};
  room.add(&one, encoding::events);
  room.add(&two, encoding::events);
  room.add(&rooms, encoding::events_of_rooms);
  fanout out(65536, std::make_shared<memory_budget>());
  const auto all = rows_between(1, 2, "a");
  const auto pointers = pointers_to(all);
  std::span<const message* const> rest = pointers;
  out.publish_next(room, rest, {}, "log");
  const auto& with = one.small_chunks.at(0);
  CHECK(with.bytes == two.small_chunks.at(0).bytes);
  CHECK(with.bytes->starts_with("event: message\nid: log:1\ndata: {"));
  CHECK(with.messages == 2);
  const auto& without = *rooms.small_chunks.at(0).bytes;
  CHECK(without.starts_with("event: message\ndata: {"));
  CHECK(without.find("id: log") == without.npos);
  const std::vector<room_event> told{{"presence", "{}"}};
  fanout::announce(room, told, 2);
  CHECK(*one.small_chunks.at(1).bytes == "event: presence\ndata: {}\n\n");
  CHECK(one.small_chunks.at(1).bytes == rooms.small_chunks.at(1).bytes);
}

TEST_CASE("rows beyond the size of a chunk are published by the next calls, in order") {
  chunk_sink sink;
  room_members room{1, {}};
  room.add(&sink, encoding::plain);
  fanout out(1, std::make_shared<memory_budget>());
  const auto all = rows_between(4, 6);
  const auto pointers = pointers_to(all);
  std::span<const message* const> rest = pointers;
  const auto credit = std::make_shared<const int>();
  while (!rest.empty())
    out.publish_next(room, rest, credit);
  REQUIRE(sink.chunks.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(sink.chunks[i].first == row_id(4 + i));
    CHECK(sink.credits[i] == credit);
  }
}

TEST_CASE("a sink is published to for as long as it has a member") {
  chunk_sink sink;
  room_members room{1, {}};
  room.add(&sink, encoding::plain);
  room.add(&sink, encoding::plain);
  const std::vector<room_event> a{{"presence", "a"}}, b{{"presence", "b"}}, c{{"presence", "c"}};
  fanout::announce(room, a, 9);
  CHECK_FALSE(room.remove(&sink, encoding::deflated)); // there is no such member
  CHECK(room.remove(&sink, encoding::plain));
  fanout::announce(room, b, 9);
  CHECK(room.remove(&sink, encoding::plain));
  CHECK_FALSE(room.remove(&sink, encoding::plain)); // an unknown sink changes nothing
  fanout::announce(room, c, 9);
  REQUIRE(sink.chunks.size() == 2);
  CHECK(*sink.chunks[1].bytes == "\x81\x01"
                                 "b");
  CHECK(sink.chunks[1].last == 9);
  CHECK(sink.chunks[1].messages == 0);
}
