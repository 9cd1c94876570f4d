// A client of two rooms that breaks the protocol at the worst moment: its malformed frame is read
// while the frames of its rooms are being written to it. Run this with a hub under AddressSanitizer
// (tests/run server), which notices if the hub uses a subscription that has ended.
#include "tests/server/exposition.hpp"
#include "tests/server/io_threads.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("subscription errors");

namespace {

constexpr std::size_t window = 256 * 1024; ///< The hub reads on while less than this is unsettled.

/// Messages with keys, in turn to two rooms, which have `size` bytes together.
std::vector<std::string> filling(std::size_t size) {
  std::vector<std::string> all;
  const auto next = [&](std::size_t length) {
    const auto room = all.size() % 2 ? "lobby" : "b";
    const auto key = std::to_string(1000 + all.size());
    const auto empty = message_in(room, "", key).dump().size();
    all.push_back(message_in(room, std::string(length - empty, 'x'), key).dump());
    size -= length;
  };
  while (size >= 1600)
    next(1000);
  next(size / 2);
  next(size);
  return all;
}

void wait_until_accepted(hub& where, std::size_t messages) {
  eventually("the messages to be accepted", [&] {
    return scrape(where).at("hubbub_messages_accepted_total") == double(messages);
  });
}

} // namespace

TEST_CASE("a malformed frame that is read while the rooms of its client are written to") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}, {"RATE_LIMIT", "0"}, {"OUTBOX_LIMIT", "4096"}}};
  client_of_each_thread clients{hub};
  auto &alice = clients.of_first(), &bob = clients.of_second();
  for (auto* each : {&alice, &bob})
    each->enter("b");
  // The hub stops reading after the last message, with the malformed frame in its buffer. It does
  // not read on when the first message is stored, which is in a batch of its own.
  const auto first = message_in("lobby", "first").dump();
  const auto last = message_in("b", std::string(100, 'x'), "last").dump();
  const auto fill = filling(window - 1 - first.size());
  const auto count = fill.size() + 2;
  std::optional<stall> persistence{std::in_place, hub.server().pid(), "persistence"};
  std::string bytes = encode(ws_frame{opcode::text, first});
  for (const auto& each : fill)
    bytes += encode(ws_frame{opcode::text, each});
  alice.send_raw(bytes);
  wait_until_accepted(hub, count - 1);
  alice.send_raw(encode(ws_frame{opcode::text, last}) + encode(ws_frame{opcode(3), "reserved"}));
  wait_until_accepted(hub, count);
  {
    // Its acks and the messages of both rooms come in one round, and do not fit into its outbox.
    const stall still{hub.server().pid(), "io 1"};
    persistence.reset();
    bob.hears_texts(count);
  }
  CHECK(alice.next_close().code == 1002);
  for (const auto* room : {"lobby", "b"}) {
    bob.say_in(room, "undisturbed");
    CHECK(bob.hears()["room"] == room);
  }
  eventually("alice to have left", [&] { return bob.presence() == 1; });
}

TEST_SUITE_END();
