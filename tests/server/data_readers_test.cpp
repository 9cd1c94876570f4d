// Large data reaches slow readers, the readers of other hubs, and those with compression.
#include "tests/server/data.hpp"
#include "tests/support/deflate.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("data");

TEST_CASE_TEMPLATE("a message that is larger than OUTBOX_LIMIT reaches slow readers, in order",
                   database, sqlite, postgres) {
  database db;
  hub hub{db, {{"MAX_DATA", "256K"}, {"OUTBOX_LIMIT", "4096"}}};
  visitor alice{hub}, sleeper{hub, "", small_buffers}, other{hub, "?room=other", small_buffers};
  other.enter("lobby");
  constexpr int count = 60;
  for (int i = 1; i <= count; ++i) {
    alice.send_text(frame_with(large(100 * kibibyte, i)));
    CHECK(alice.hears()["id"] == i);
  }
  for (auto* const slow : {&sleeper, &other}) {
    for (int i = 1; i <= count; ++i)
      CHECK((slow->hears()["data"].dump() == large(100 * kibibyte, i)));
    alice.say("live");
    CHECK(slow->hears()["text"] == "live");
  }
}

TEST_CASE("data reaches the readers of another hub") {
  postgres db;
  const settings extra{{"MAX_DATA", "256K"}};
  hub one{db, extra}, two{db, extra};
  ws_client alice{one.port(), target()}, bob{two.port(), target()};
  for (auto* const each : {&alice, &bob})
    next_of_type(*each, "init");
  auto all = values;
  for (int i = 0; i < 20; ++i)
    all.push_back(large(256 * kibibyte, i));
  for (const auto& value : all)
    alice.send_text(frame_with(value));
  for (const auto& value : all) {
    CHECK((data_of(next_of_type(alice, "message")) == value));
    CHECK((data_of(next_of_type(bob, "message")) == value));
  }
}

TEST_CASE("data is compressed and inflated as texts are") {
  sqlite db;
  hub hub{db, {{"MAX_DATA", "256K"}, {"DEFLATE", "true"}}};
  const headers offer{{"Sec-WebSocket-Extensions", "permessage-deflate"}};
  visitor alice{hub, "", {}, offer};
  std::string mixed = "\"";
  for (unsigned i = 1; mixed.size() < 250 * kibibyte; i = i * 1103515245 + 12345)
    mixed += char('a' + (i >> 16) % 26);
  mixed += '"';
  for (const auto& data : {large(256 * kibibyte, 1), mixed, std::string("7")}) {
    const auto before = alice.compressed();
    const auto payload = deflated(frame_with(data));
    alice.send_frame({opcode::text, payload.substr(0, 20), false, 4});
    alice.send_frame({opcode::continuation, payload.substr(20)});
    CHECK((alice.hears()["data"].dump() == data));
    CHECK(alice.compressed() > before);
  }
  alice.send_frame({opcode::text, deflated(std::string((256 + 16) * kibibyte + 1, ' ')), true, 4});
  CHECK(alice.next_close().code == 1009);
}
