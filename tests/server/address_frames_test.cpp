// The limits of one client address on messages, bad frames and pings.
#include "tests/server/exposition.hpp"
#include "tests/server/token_bucket.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("address");

TEST_CASE("all connections of one address share one message limit") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT_PER_IP", "5"}}};
  visitor one{hub, "?room=one", {.from = "127.0.0.2"}},
      two{hub, "?room=two", {.from = "127.0.0.2"}}, other{hub, "?room=other"};
  const auto began = deadline::clock::now();
  int passed = 0, refusals = 0;
  for (auto* each : {&one, &two}) {
    each->say_all(numbered("fast", 20));
    for (int i = 0; i < 20; ++i) {
      const auto answer = each->hears_any();
      if (answer["type"] == "message") {
        ++passed;
        continue;
      }
      ++refusals;
      CHECK(answer["code"] == "too_fast");
      CHECK(answer["message"] == "too much comes from your address; send it again in a while");
    }
  }
  CHECK(passed >= 10); // the capacity of the bucket is twice the rate
  CHECK(passed <= allowed(5, began));
  CHECK(refusals == 40 - passed);
  other.say("not my address");
  CHECK(other.hears()["text"] == "not my address");
  eventually("the address to be accepted again", [&] {
    two.say("again", "key");
    const auto answer = two.hears_any();
    CHECK((answer["type"] != "error" || answer["key"] == "key"));
    return answer["type"] != "error";
  });
}

TEST_CASE(
    "the first 1000 bad frames are each answered by an error, and further ones close with 1008") {
  sqlite db;
  hub hub{db};
  visitor rude{hub}, alice{hub};
  std::string nonsense;
  for (int i = 0; i < 1000; ++i)
    nonsense += encode(ws_frame{opcode::text, "nonsense"});
  rude.send_raw(nonsense);
  for (int i = 0; i < 1000; ++i)
    CHECK(rude.gets("error")["code"] == "bad_json");
  rude.send_raw(nonsense);
  int errors = 0;
  try {
    for (; errors < 1000; ++errors)
      rude.gets("error");
    FAIL("was not closed");
  } catch (const closed& end) {
    CHECK(end.how.code == 1008);
    CHECK(end.how.reason == "too many frames were refused");
  }
  CHECK(errors >= 1);
  alice.say("calm again");
  CHECK(alice.hears()["text"] == "calm again");
  eventually("the close to be counted",
             [&] { return scrape(hub).at("hubbub_connections_closed_total{code=\"1008\"}") == 1; });
}

TEST_CASE("a client that sends too many pings is closed with 1008") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT_PER_IP", "100"}}};
  visitor pinger{hub};
  std::string pings;
  for (int i = 0; i < 30'000; ++i) // more than the limit allows, even on a slow machine
    pings += encode(ws_frame{opcode::ping, ""});
  pinger.send_raw(pings);
  const auto end = pinger.next_close();
  CHECK(end.code == 1008);
  CHECK(end.reason == "too many frames come from this address");
}

TEST_SUITE_END();
