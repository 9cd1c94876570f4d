#include "tests/actors/stage.hpp"

using namespace test;

namespace {

std::vector<std::string> codes(const std::vector<json>& events) {
  std::vector<std::string> out;
  for (const auto& e : events)
    if (e["type"] == "error")
      out.push_back(e["code"]);
  return out;
}

} // namespace

TEST_CASE("every frame is settled once, whatever its outcome") {
  hub_with_client hub;
  hub.say(1, "good");
  hub.say(1, "keyed", "k");
  caf::anon_send(hub.clients.at(1), frame{"rubbish"});
  hub.say(1, "");
  hub.run();
  CHECK(hub.sink.settled[1] == 4);
  CHECK(hub.sink.settled_bytes[1] == hub.sent_bytes[1] + std::string("rubbish").size());
  CHECK(codes(hub.sink.got[1]) == std::vector<std::string>{"bad_json", "empty"});
}

TEST_CASE("one ping per second is free, and further pings count in the rate limit") {
  whole_hub hub;
  hub.context->rate = 1;
  hub.enter(1);
  hub.run();
  const auto ping = [&] { caf::anon_send(hub.clients.at(1), frame{R"({"type":"ping"})"}); };
  const auto pongs = [&] {
    const auto& got = hub.sink.got[1];
    return std::count_if(got.begin(), got.end(), [](const json& e) { return e["type"] == "pong"; });
  };
  for (int second = 0; second < 5; ++second) {
    ping();
    hub.run();
    hub.scheduler.advance_time(1s);
  }
  CHECK(pongs() == 5);
  CHECK(codes(hub.sink.got[1]).empty());
  CHECK(hub.sink.settled[1] == 5);
  for (int i = 0; i < 4; ++i) // one is free, and the burst is two
    ping();
  hub.run();
  CHECK(pongs() == 8);
  CHECK(codes(hub.sink.got[1]) == std::vector<std::string>{"too_fast"});
  hub.scheduler.advance_time(1s);
  ping(); // free again, so the message has the whole rate
  hub.say(1, "hello");
  hub.run();
  CHECK(pongs() == 9);
  CHECK(codes(hub.sink.got[1]).size() == 1);
  caf::anon_send(hub.clients.at(1),
                 frame{R"({"type":"ping"})", true}); // the address is over its rate
  hub.run();
  CHECK(pongs() == 9);
}

TEST_CASE("an ack goes to the sender alone") {
  whole_hub hub;
  hub.enter(1);
  hub.enter(2);
  hub.run();
  hub.say(1, "hello", "k");
  hub.run();
  const auto acks = [&](session_ref of) {
    const auto& got = hub.sink.got[of];
    return std::count_if(got.begin(), got.end(), [](const json& e) { return e["type"] == "ack"; });
  };
  CHECK(acks(1) == 1);
  CHECK(acks(2) == 0);
}

TEST_CASE(
    "a client over its rate is told too_fast with the key, and may send again a moment later") {
  whole_hub hub;
  hub.context->rate = 5;
  hub.enter(1);
  hub.run();
  for (int i = 0; i < 12; ++i)
    hub.say(1, "m", "k" + std::to_string(i));
  hub.run();
  CHECK(codes(hub.sink.got[1]) == std::vector<std::string>{"too_fast", "too_fast"});
  CHECK(hub.sink.got[1].size() == 1 + 10 + 10 + 2);
  hub.scheduler.advance_time(1s);
  hub.say(1, "again");
  hub.run();
  CHECK(codes(hub.sink.got[1]).size() == 2);
}

TEST_CASE("while the log is unavailable and the ingress budget full, a sender is told busy with "
          "its key") {
  hub_with_client hub;
  hub.ingress->log().set_available(false);
  ingress_quota others;
  hub.ingress->take(hub.ingress->limit(), others);
  hub.say(1, "no room", "mine");
  hub.run();
  CHECK(codes(hub.sink.got[1]) == std::vector<std::string>{"busy"});
  CHECK(hub.sink.got[1].back()["key"] == "mine");
  hub.ingress->give(hub.ingress->limit(), others);
  hub.say(1, "room", "mine");
  hub.run();
  CHECK(codes(hub.sink.got[1]).size() == 1);
}

TEST_CASE("while the log is unavailable, one connection fills its own window and no more") {
  whole_hub hub;
  hub.enter(1);
  hub.enter(2);
  hub.run();
  hub.ingress->log().set_available(false);
  hub.injected->unavailable = 3;
  for (std::uint32_t i = 0; i < window.frames + 5; ++i)
    hub.say(1, "m", "k" + std::to_string(i));
  hub.say(2, "another connection");
  hub.run();
  CHECK(codes(hub.sink.got[1]) == std::vector<std::string>(5, "busy"));
  CHECK(codes(hub.sink.got[2]).empty());
  for (int i = 0; i < 5; ++i)
    hub.pass(500ms);
  CHECK(hub.sink.ids(1).size() == window.frames + 1);
  hub.say(1, "again", "k" + std::to_string(window.frames));
  hub.run();
  CHECK(hub.sink.ids(1).size() == window.frames + 2);
}

TEST_CASE("a frame is settled although its session is closed before the commit") {
  hub_with_client hub;
  hub.say(1, "last words");
  caf::anon_send(hub.clients.at(1), closed_atom_v);
  hub.run();
  CHECK(hub.sink.settled[1] == 1);
  CHECK(hub.db.value("select count(*) from messages") == "1");
}

TEST_CASE("few large messages fill the window of a connection as many small ones do") {
  hub_with_client hub;
  hub.context->ingress->log().set_available(false);
  hub.injected->unavailable = 1;
  const std::string large(1000, 'x');
  for (int i = 0; i < 300; ++i)
    hub.say(1, large);
  hub.run();
  const auto busy = codes(hub.sink.got[1]).size();
  CHECK(busy > 0);
  CHECK(busy < 60);
  hub.pass(1s);
  CHECK(hub.sink.ids(1).size() == 300 - busy);
  CHECK(hub.sink.settled_bytes[1] == hub.sent_bytes[1]);
}
