// Large data costs bounded memory: frames that are never completed, and rooms full of it.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("data memory");

namespace {

constexpr std::size_t kibibyte = 1024, mebibyte = 1 << 20;

std::size_t memory_of_idle_hub() {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  return hub.resident();
}

/// Returns a frame whose data has `bytes` bytes.
std::string frame_with(std::size_t bytes) {
  return R"({"type":"message","data":")" + std::string(bytes - 2, 'x') + "\"}";
}

/// How a connection has ended, or nothing while it is open. Discards what has come.
std::optional<close_info> end_of(ws_client& client) {
  try {
    for (;;)
      client.next_text(10ms);
  } catch (const closed& why) {
    return why.how;
  } catch (const timeout&) {
    return {};
  }
}

} // namespace

TEST_CASE("large frames that are not completed take a bounded part of the memory limit") {
  sqlite db;
  const auto limit = memory_of_idle_hub() * 2 + 64 * mebibyte;
  hub hub{db, {{"MEMORY_LIMIT", std::to_string(limit)}, {"MAX_DATA", "256K"}}};
  constexpr std::size_t sent = 200 * kibibyte;
  const auto part = frame_with(256 * kibibyte).substr(0, sent);
  std::vector<ws_client> halves;
  while (halves.size() * sent < 2 * limit / 16) {
    halves.emplace_back(hub.port(), "/ws");
    halves.back().send_raw(encode({opcode::text, part}, 260 * kibibyte));
  }
  std::size_t open = halves.size();
  eventually("clients to be sent away", [&] {
    std::erase_if(halves, [](ws_client& each) {
      const auto end = end_of(each);
      if (end)
        CHECK(*end == close_info{1013, "memory is short"});
      return end.has_value();
    });
    open = halves.size();
    return open * sent <= limit / 16 + 272 * kibibyte;
  });
  CHECK(open > 0);
  visitor alice{hub};
  alice.say("a small message");
  CHECK(alice.hears()["text"] == "a small message");
  halves.clear();
  eventually("a large message to be accepted", [&] {
    visitor bob{hub};
    bob.send_text(frame_with(256 * kibibyte));
    try {
      return bob.hears().contains("data");
    } catch (const closed&) {
      return false;
    }
  });
}

TEST_CASE("a hundred rooms full of large data on one connection cost bounded memory") {
  sqlite db;
  {
    hub makes_tables{db};
    const visitor alice{makes_tables};
  }
  db.sql("with recursive n(i) as (select 0 union all select i + 1 from n where i < 399) "
         "insert into messages (text, room, connection_id, user_message_number, created_at, data) "
         "select '', 'r' || (i % 100), '3b241101-e2bb-4255-8caf-4136c566a962', i + 1, "
         "'2026-01-31 09:30:00.000000', '\"' || i || replace(hex(zeroblob(120000)), '0', 'x') || "
         "'\"' from n");
  const auto limit = memory_of_idle_hub() + 128 * mebibyte;
  hub hub{db,
          {{"MEMORY_LIMIT", std::to_string(limit)}, {"MAX_DATA", "256K"}, {"MAX_ROOMS", "101"}}};
  visitor alice{hub, "?room=empty", small_buffers};
  std::vector<json> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(subscribe("r" + std::to_string(i)));
  alice.send_all(all);
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    const auto history = alice.gets("subscribed")["history"];
    CHECK(history.size() == 2);
    most = std::max(most, hub.resident());
  }
  if (is_instrumented())
    MESSAGE("the memory of an instrumented hub is not judged");
  else
    CHECK(most < limit);
}

TEST_SUITE_END();
