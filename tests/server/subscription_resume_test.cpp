// Subscriptions that resume, each from its own cursor: with a bound on what was missed, and after
// the hub was restarted, the log was replaced, or the log has lost messages.
#include "tests/server/forks.hpp"
#include "tests/server/many_rooms.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

using namespace test;

TEST_SUITE_BEGIN("subscription resume");

namespace {

/// A hub with 200 messages of known ids in one room, and as many others between them.
template<class Database = sqlite>
struct hub_with_garden {
  Database db;
  hub server{db};
  visitor alice{server, "?room=garden"};
  std::string log = alice.init["log"];
  std::vector<std::int64_t> ids;

  hub_with_garden() {
    alice.enter("attic");
    std::vector<json> frames;
    for (const auto& text : numbered("message", 200)) {
      frames.push_back(message_in("garden", text));
      frames.push_back(message_in("attic", text));
    }
    alice.send_all(frames);
    for (int i = 0; i < 400; ++i)
      if (const auto message = alice.hears(); message["room"] == "garden")
        ids.push_back(message["id"]);
  }

  /// The request of a client that has missed so many messages.
  json missing(std::size_t count) const {
    return cursor(count == ids.size() ? 0 : ids[ids.size() - 1 - count], log);
  }
};

/// The last of the texts "message 1" to "message 200".
std::vector<std::string> last(std::size_t count) {
  const auto all = numbered("message", 200);
  return {all.end() - std::ptrdiff_t(count), all.end()};
}

void check_history(const json& answer) {
  CHECK(answer["resumed"] == false);
  CHECK(each<std::string>(answer["history"], "text") == last(50));
}

/// Inserts the messages 2, 3 and so on of each connection that has written its first.
void insert_more(const database& db, int count) {
  const auto to = std::to_string(count);
  const auto numbers = db.url().starts_with("sqlite")
                           ? "with recursive n(i) as (select 2 union all select i + 1 from n where "
                             "i < " +
                                 to + ") "
                           : "with n(i) as (select * from generate_series(2, " + to + ")) ";
  db.sql("insert into messages (room, text, connection_id, user_message_number, created_at) " +
         numbers +
         "select room, 'message ' || i, connection_id, i, created_at from n, messages order by i");
}

std::int64_t greatest_id(const database& db, const std::string& where) {
  return std::stoll(db.value("select max(id) from messages where " + where));
}

} // namespace

TEST_CASE_TEMPLATE("each room resumes from its own cursor, and then gets live messages", database,
                   sqlite, postgres) {
  hub_with_garden<database> full;
  visitor bob{full.server};
  room_reader heard{bob};
  bob.send_all({subscribe("attic", cursor(full.ids[149], full.log)),
                subscribe("garden", full.missing(120)), subscribe("cellar", full.missing(1))});
  heard.until_each_has({"attic"}, 51);
  heard.until_each_has({"garden"}, 120);
  heard.until("the third answer", [&] { return heard.answers.contains("cellar"); });
  CHECK(heard.texts["garden"] == last(120));
  CHECK(heard.texts["attic"] == last(51)); // a message of the attic follows the 150th of the garden
  for (const auto* room : {"attic", "garden", "cellar"}) {
    CHECK(heard.answers[room]["resumed"] == true);
    CHECK(heard.answers[room]["history"].empty());
    CHECK_FALSE(heard.answers[room].contains("missed"));
  }
  full.alice.say_in("attic", "now");
  heard.until("a live message", [&] { return heard.texts["attic"].back() == "now"; });
  heard.until_pong();
  CHECK(heard.texts["attic"].size() == 52);
  CHECK(heard.texts["garden"].size() == 120);
  CHECK(heard.texts["cellar"].empty());
}

TEST_CASE("a cursor that is not of this log, or is not whole, begins with the history") {
  hub_with_garden full;
  visitor bob{full.server};
  const auto whole = full.missing(5);
  for (json request :
       {json{{"after", whole["after"]}}, json{{"log", full.log}},
        cursor(5, "00000000-0000-4000-8000-000000000000"), cursor(full.ids.back() + 1000, full.log),
        cursor(std::numeric_limits<std::int64_t>::max(), full.log)}) {
    CAPTURE(request.dump());
    for (const bool bounded : {false, true}) {
      if (bounded)
        request["most"] = 1;
      const auto answer = bob.enter("garden", request);
      check_history(answer);
      CHECK_FALSE(answer.contains("missed"));
      bob.leave_room("garden");
    }
  }
  for (const auto* after : {"9223372036854775808", "99999999999999999999999999"}) {
    bob.send_text(R"({"type":"subscribe","room":"garden","log":")" + full.log + R"(","after":)" +
                  after + "}");
    check_history(bob.gets("subscribed"));
    bob.leave_room("garden");
  }
}

TEST_CASE("the name of the log may be in capitals") {
  hub_with_garden full;
  visitor bob{full.server};
  auto request = full.missing(3);
  auto log = full.log;
  std::transform(log.begin(), log.end(), log.begin(), [](char c) { return char(std::toupper(c)); });
  request["log"] = log;
  const auto answer = bob.enter("garden", request);
  CHECK(answer["resumed"] == true);
  CHECK(answer["log"] == full.log);
  CHECK(bob.hears_texts(3) == last(3));
}

TEST_CASE_TEMPLATE("most bounds what is resumed, in the hot tail and beyond it", database, sqlite,
                   postgres) {
  hub_with_garden<database> full;
  SUBCASE("in the hot tail") {}
  SUBCASE("beyond it, after a restart") {
    full.server.kill();
    full.server.start();
  }
  visitor bob{full.server};
  for (const int missed : {200, 120, 51, 50, 49, 2, 1, 0}) {
    CAPTURE(missed);
    auto request = full.missing(std::size_t(missed));
    for (const int most : {1, missed - 1, missed, missed + 1, 1000}) {
      if (most < 1)
        continue;
      CAPTURE(most);
      request["most"] = most;
      const auto answer = bob.enter("garden", request);
      if (missed > most) {
        check_history(answer);
        CHECK(answer["missed"] == missed);
      } else {
        CHECK(answer["resumed"] == true);
        CHECK(answer["history"].empty());
        CHECK_FALSE(answer.contains("missed"));
        CHECK(bob.hears_texts(std::size_t(missed)) == last(std::size_t(missed)));
      }
      bob.leave_room("garden");
    }
  }
}

TEST_CASE_TEMPLATE("missed is exact up to 100,000 messages", database, sqlite, postgres) {
  database db;
  hub hub{db};
  {
    visitor someone{hub, "?room=garden"};
    someone.say("message 1");
    someone.hears();
  }
  hub.kill();
  insert_more(db, 100'003);
  hub.start();
  visitor bob{hub};
  const auto ask = [&](int missed, int most) {
    auto request = cursor(greatest_id(db, "room = 'garden' and user_message_number = " +
                                              std::to_string(100'003 - missed)),
                          bob.init["log"].get<std::string>());
    request["most"] = most;
    return bob.enter("garden", request);
  };
  for (const auto& [missed, told] : {std::pair{1001, 1001},
                                     {99'999, 99'999},
                                     {100'000, 100'000},
                                     {100'001, 100'000},
                                     {100'002, 100'000}}) {
    CAPTURE(missed);
    const auto answer = ask(missed, 1000);
    CHECK(answer["resumed"] == false);
    CHECK(answer["missed"] == told);
    CHECK(answer["history"].size() == 50);
    CHECK(answer["history"][49]["user_message_number"] == 100'003);
    bob.leave_room("garden");
  }
  CHECK(ask(1000, 1000)["resumed"] == true);
  for (int number = 100'003 - 999; number <= 100'003; ++number)
    CHECK(bob.hears()["user_message_number"] == number);
}

TEST_CASE("after a restart, all rooms of a connection resume in one write") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=room-1"}, bob{hub};
  const auto rooms = room_names(60), others = std::vector(rooms.begin() + 1, rooms.end());
  for (auto* each : {&alice, &bob})
    each->send_all(subscriptions(each == &alice ? others : rooms));
  room_reader before{alice};
  before.until("the rooms", [&] { return before.answers.size() == 60; });
  bob.send_all(messages(rooms, "before"));
  before.until_each_has(rooms, 1);
  hub.server().signal(15);
  const auto end = alice.next_close();
  CHECK(end.code == 1012);
  CHECK(end.reason.starts_with("retry_after_ms="));
  bob.next_close();
  CHECK(hub.stop() == 0);
  hub.start();
  visitor carol{hub};
  room_reader between{carol};
  carol.send_all(subscriptions(rooms));
  for (const auto& text : numbered("between", 3))
    carol.send_all(messages(rooms, text));
  between.until_each_has(rooms, 4);
  visitor back{hub, "?room=room-1&after=" + std::to_string(before.last["room-1"]) +
                        "&log=" + alice.init["log"].get<std::string>()};
  std::vector<json> frames;
  for (const auto& room : others)
    frames.push_back(subscribe(room, cursor(before.last[room], alice)));
  back.send_all(frames);
  room_reader after{back};
  carol.send_all(messages(rooms, "now"));
  after.until_each_has(rooms, 4);
  after.until_pong();
  for (const auto& room : rooms) {
    CHECK(after.answers[room]["resumed"] == true);
    CHECK(after.texts[room] ==
          std::vector<std::string>{"between 1", "between 2", "between 3", "now"});
  }
}

TEST_CASE("cursors of a replaced log resume nothing, in any room") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  const auto rooms = room_names(5);
  room_reader before{alice};
  alice.send_all(subscriptions(rooms));
  alice.send_all(messages(rooms, "old"));
  before.until_each_has(rooms, 1);
  SUBCASE("by another file, while the hub is down") {
    hub.kill();
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path{db.file()}.parent_path()))
      std::filesystem::remove(file.path());
    hub.start();
  }
  SUBCASE("by new tables, while the hub runs") {
    db.sql("drop table messages; drop table hubbub_meta");
    alice.say("new"); // so that the hub notices at once; it is stored in the lobby of the new log
    CHECK(alice.next_close().code == 1012);
  }
  visitor back{hub, "?room=elsewhere"};
  CHECK(back.init["log"] != alice.init["log"]);
  for (const auto& room : rooms) {
    const auto answer = back.enter(room, cursor(before.last[room], alice));
    CHECK(answer["resumed"] == false);
    CHECK(answer["log"] == back.init["log"]);
    CHECK(answer["history"].empty());
    CHECK_FALSE(answer.contains("missed"));
  }
}

TEST_SUITE_END();
