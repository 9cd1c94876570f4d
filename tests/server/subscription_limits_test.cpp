// How many rooms a connection may have, how fast it may change them, and which rooms a token
// allows.
#include "tests/server/many_rooms.hpp"
#include "tests/server/signed_token.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace test;

TEST_SUITE_BEGIN("subscription errors");

namespace {

/// The number of answers of each kind: the code of an error, or the type.
std::map<std::string, int> answers(visitor& who, int count) {
  std::map<std::string, int> all;
  for (int i = 0; i < count; ++i) {
    const auto frame = who.hears_any();
    REQUIRE(!frame.is_null());
    ++all[frame.value("code", frame["type"].get<std::string>())];
  }
  return all;
}

/// The same of all answers that come before the next pong.
std::map<std::string, int> answers_until_pong(visitor& who) {
  who.send_json({{"type", "ping"}});
  std::map<std::string, int> all;
  for (;;) {
    const auto frame = who.hears_any();
    REQUIRE(!frame.is_null());
    if (frame["type"] == "pong")
      return all;
    ++all[frame.value("code", frame["type"].get<std::string>())];
  }
}

/// What a bucket of that capacity has allowed since then, rounded up.
double bucket(double capacity, double rate, deadline::clock::time_point since) {
  return capacity + 1 +
         rate * std::chrono::duration<double>(deadline::clock::now() - since).count();
}

headers bearer(const json& rooms) {
  return {{"Authorization",
           "Bearer " + signed_token(R"({"alg":"HS256"})", json{{"rooms", rooms}}.dump())}};
}

/// Whether a token with these rooms allows the room, as the answers to all ways of asking agree.
bool allows(const hub& where, const json& rooms, const std::string& first,
            const std::string& room) {
  visitor alice{where, "?room=" + first, {}, bearer(rooms)};
  alice.send_json(subscribe(room));
  const auto answer = alice.hears_any();
  if (answer["type"] == "error") {
    CHECK(answer["code"] == "forbidden");
    CHECK(answer["room"] == room);
  }
  const bool allowed = answer["type"] == "subscribed";
  const auto page = fetch(where.port(), {"GET", "/messages?room=" + room, bearer(rooms)});
  CHECK(page.status == (allowed ? 200 : 403));
  try {
    visitor bob{where, "?room=" + room, {}, bearer(rooms)};
    CHECK(allowed);
  } catch (const refused& no) {
    CHECK(no.answer.status == 403);
    CHECK_FALSE(allowed);
  }
  return allowed;
}

} // namespace

TEST_CASE("of a thousand subscribes in one write, MAX_ROOMS are accepted and each is answered") {
  sqlite db;
  std::string rate;
  SUBCASE("with a rate limit") {
    rate = "20";
  }
  SUBCASE("without one") {
    rate = "0";
  }
  hub hub{db, {{"RATE_LIMIT", rate}}};
  visitor alice{hub}, bob{hub, "?room=room-50"};
  room_reader heard{alice};
  alice.send_all(subscriptions(room_names(1000)));
  heard.until("an answer for each",
              [&] { return heard.answers.size() - 1 + heard.errors.size() == 1000; });
  CHECK(heard.answers.size() == 100);
  std::set<std::string> named;
  for (const auto& [room, answer] : heard.answers)
    named.insert(room);
  for (const auto& error : heard.errors) {
    named.insert(error.at("room").get<std::string>());
    if (rate == "0")
      CHECK(error["code"] == "too_many_rooms");
    else
      CHECK((error["code"] == "too_many_rooms" || error["code"] == "too_fast"));
  }
  CHECK(named.size() == 1001);
  for (int i = 1; i <= 99; ++i)
    CHECK(heard.answers.contains("room-" + std::to_string(i)));
  bob.say("hello");
  heard.until("a message", [&] { return heard.texts["room-50"].size() == 1; });
  alice.say_in("room-99", "mine");
  heard.until("an own message", [&] { return heard.texts["room-99"].size() == 1; });
  alice.send_json(unsubscribe("room-99"));
  heard.until("the end", [&] { return heard.ended.size() == 1; });
}

TEST_CASE("a client that changes its rooms too fast gets too_fast, and disturbs nobody") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "5"}, {"MAX_ROOMS", "10"}}};
  visitor alice{hub}, bob{hub, "?room=garden"};
  std::vector<json> frames;
  std::map<std::string, int> all;
  const auto began = deadline::clock::now();
  SUBCASE("by subscribing to many rooms") {
    frames = subscriptions(room_names(200));
    alice.send_all(frames);
    all = answers(alice, 200);
    CHECK(all["subscribed"] == 9);
    CHECK(all["subscribed"] + all["too_many_rooms"] >= 10); // the capacity of the bucket
    CHECK(all["subscribed"] + all["too_many_rooms"] <= bucket(10, 5, began));
  }
  SUBCASE("by subscribing to one room and leaving it") {
    for (int i = 0; i < 100; ++i)
      for (const auto& frame : {subscribe("garden"), unsubscribe("garden")})
        frames.push_back(frame);
    alice.send_all(frames);
    all = answers_until_pong(alice);
    CHECK(all["subscribed"] <= all["unsubscribed"]); // some were left before their answer
    CHECK(all["unsubscribed"] >= 10);
    CHECK(all["unsubscribed"] <= bucket(10, 5, began));
    CHECK(all["not_subscribed"] >= 10); // these count as messages
    CHECK(all["not_subscribed"] <= bucket(10, 5, began));
  }
  SUBCASE("by leaving rooms that it is not in") {
    for (const auto& room : room_names(200))
      frames.push_back(unsubscribe(room));
    alice.send_all(frames);
    all = answers_until_pong(alice);
    CHECK(all["not_subscribed"] >= 10);
    CHECK(all["not_subscribed"] <= bucket(10, 5, began));
  }
  CHECK(all["too_fast"] > 0);
  bob.say("undisturbed");
  CHECK(bob.hears()["text"] == "undisturbed");
  eventually("alice to be accepted again", [&] {
    alice.send_json(subscribe("cellar"));
    const auto answer = alice.hears_any();
    return answer["type"] == "subscribed" || answer["code"] == "too_many_rooms";
  });
}

TEST_CASE("over the limit of its address a client may still leave its rooms, but no others") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "0"}, {"RATE_LIMIT_PER_IP", "5"}}};
  visitor alice{hub, "", {.from = "127.0.0.2"}};
  const auto began = deadline::clock::now();
  alice.enter("b");
  std::vector<json> frames(200, unsubscribe("nowhere"));
  for (const auto* room : {"b", "lobby", "b"})
    frames.push_back(unsubscribe(room));
  alice.send_all(frames);
  auto all = answers(alice, 203);
  CHECK(all["unsubscribed"] == 2);
  CHECK(all["not_subscribed"] <= bucket(10, 5, began));
  CHECK(all["too_fast"] == 201 - all["not_subscribed"]);
}

TEST_CASE("a subscribe that is refused as too fast names its room") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "1"}, {"MAX_ROOMS", "2"}}};
  visitor alice{hub};
  alice.send_all(subscriptions(room_names(50)));
  std::set<std::string> named;
  for (int i = 0; i < 50; ++i)
    named.insert(alice.hears_any()["room"].get<std::string>());
  CHECK(named.size() == 50);
}

TEST_CASE("without a rate limit, rooms may be changed as fast as can be") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "0"}, {"MAX_ROOMS", "2"}}};
  visitor alice{hub}, bob{hub, "?room=garden"};
  room_reader heard{alice};
  for (int i = 0; i < 20; ++i) {
    std::vector<json> frames;
    for (int j = 0; j < 100; ++j)
      for (const auto& frame : {subscribe("garden"), unsubscribe("garden")})
        frames.push_back(frame);
    alice.send_all(frames);
    heard.until("the ends", [&] { return heard.ended.size() == std::size_t(100 * (i + 1)); });
  }
  CHECK(heard.errors.empty());
  bob.say("undisturbed");
  CHECK(bob.hears()["text"] == "undisturbed");
  eventually("its rooms to be counted", [&] { return bob.presence() == 1; });
}

TEST_CASE("a client whose frames about rooms are refused a thousand times is closed with 1008") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  try {
    for (int i = 0; i < 60; ++i)
      alice.send_all(subscriptions(std::vector<std::string>(20, "lobby")));
    CHECK(alice.next_close().code == 1008);
  } catch (const closed& end) {
    CHECK(end.how.code == 1008);
  }
  bob.say("undisturbed");
  CHECK(bob.hears()["text"] == "undisturbed");
}

TEST_CASE("a token allows the rooms that it lists, and those that begin as a pattern says") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}}};
  const json list{"lobby", "team-*", "caf\u00e9-*"};
  for (const auto* room : {"team-a", "team-", "team-a-b"})
    CHECK(allows(hub, list, "lobby", room));
  for (const auto* room : {"team", "teams", "a-team-", "Team-a", "lobby-2", "lobb"})
    CHECK_FALSE(allows(hub, list, "lobby", room));
  CHECK(allows(hub, {"*"}, "lobby", "anything"));
  CHECK(allows(hub, {"x", "*", "y"}, "x", "anything"));
  visitor alice{hub, "", {}, bearer(list)};
  CHECK(alice.enter("cafe\u0301-1")["room"] == "caf\u00e9-1");
  // The order of the errors: a wrong cursor, forbidden, too many rooms.
  alice.send_json(subscribe("secret", {{"most", 0}}));
  CHECK(alice.gets("error")["code"] == "bad_cursor");
  alice.send_json(message_in("secret", "x", "k"));
  CHECK(alice.gets("error")["code"] == "not_subscribed");
  alice.send_json(unsubscribe("secret"));
  CHECK(alice.gets("error")["code"] == "not_subscribed");
}

TEST_CASE("forbidden is said before too_many_rooms") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}, {"MAX_ROOMS", "1"}}};
  visitor alice{hub, "", {}, bearer({"lobby", "b"})};
  alice.send_all({subscribe("secret"), subscribe("b")});
  CHECK(alice.gets("error")["code"] == "forbidden");
  CHECK(alice.gets("error")["code"] == "too_many_rooms");
}

TEST_CASE("a token may list a thousand rooms, and a connection may have them all") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}, {"MAX_ROOMS", "1000"}}};
  const auto rooms = room_names(1000);
  const auto fields = bearer(rooms);
  visitor alice{hub, "?room=room-1", {}, fields};
  room_reader heard{alice};
  alice.send_all(subscriptions({rooms.begin() + 1, rooms.end()}));
  alice.send_json(subscribe("room-1001"));
  heard.until("all answers",
              [&] { return heard.answers.size() == 1000 && heard.errors.size() == 1; });
  CHECK(heard.errors[0]["code"] == "forbidden");
  visitor bob{hub, "?room=room-777", {}, fields};
  bob.say("hello");
  heard.until("a message", [&] { return heard.texts["room-777"].size() == 1; });
  const auto token = fields[0].second.substr(7);
  CHECK(visitor{hub, "?room=room-9&access_token=" + token}.init["room"] == "room-9");
  CHECK(visitor{hub, "?room=room-9", {}, {{"Sec-WebSocket-Protocol", "hubbub, bearer." + token}}}
            .init["room"] == "room-9");
}

TEST_SUITE_END();
