// Server-sent events: what a line gets, and how it resumes.
#include "tests/server/events.hpp"
#include "tests/support/sqlite.hpp"

using namespace test;

TEST_SUITE_BEGIN("events");

TEST_CASE("a line begins with the history, and each message has its id") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("before");
  const std::int64_t before = alice.hears()["id"];
  event_line line{hub};
  CHECK(line.head.status == 200);
  CHECK(line.head.field("Content-Type") == "text/event-stream");
  CHECK(line.head.field("Cache-Control") == "no-store");
  CHECK(line.head.field("X-Accel-Buffering") == "no");
  CHECK(line.head.field("Connection") == "close");
  CHECK_FALSE(line.head.has("Content-Length"));
  CHECK_FALSE(line.head.has("Transfer-Encoding"));
  const auto init = line.gets("init");
  CHECK(init["room"] == "lobby");
  CHECK(init["resumed"] == false);
  CHECK(init["connection_id"].get<std::string>().size() == 36);
  CHECK(each<std::string>(init["history"], "text") == std::vector<std::string>{"before"});
  CHECK(init["log"] == alice.init["log"]);
  CHECK(line.last.id == event_id(init, before));
  CHECK(line.stream.retry() >= 1000);
  CHECK(line.stream.retry() <= 3000);
  alice.say_all(numbered("message", 100));
  for (int i = 1; i <= 100; ++i) {
    const auto message = line.gets("message");
    CHECK(message["text"] == "message " + std::to_string(i));
    CHECK(line.last.id == event_id(init, message["id"]));
  }
}

TEST_CASE("a line resumes after the id of an event, from the field or from the query") {
  sqlite db;
  hub hub{db, {{"OUTBOX_LIMIT", "65536"}}};
  visitor alice{hub};
  std::size_t count = 20;
  SUBCASE("few messages were missed") {
    count = 20;
  }
  SUBCASE("more were missed than the hub has in memory") {
    count = 3000;
  }
  const auto texts = numbered("message", count);
  alice.say_all(texts);
  std::vector<std::int64_t> ids;
  while (ids.size() < count)
    ids.push_back(alice.hears()["id"]);
  const auto log = alice.init["log"].get<std::string>();
  const auto query = "?after=" + std::to_string(ids[2]) + "&log=" + log;
  const headers field{{"Last-Event-ID", event_id(alice.init, ids[6])}};
  std::string upper = log;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return char(std::toupper(c)); });
  struct attempt {
    std::string query;
    headers fields;
    std::size_t from;
  };
  for (const auto& [asked, fields, from] :
       std::vector<attempt>{{query, {}, 3},
                            {"", field, 7},
                            {query, field, 7},
                            {"", {{"Last-Event-ID", upper + ':' + std::to_string(ids[4])}}, 5},
                            {query, {{"Last-Event-ID", ""}}, 3}}) {
    CAPTURE(from);
    event_line line{hub, asked, fields};
    const auto init = line.gets("init");
    CHECK(init["resumed"] == true);
    CHECK(init["history"].empty());
    CHECK(line.last.id == event_id(init, ids[from - 1]));
    const auto heard = line.hears_texts(count - from);
    CHECK(heard == std::vector<std::string>(texts.begin() + std::ptrdiff_t(from), texts.end()));
    CHECK(line.last.id == event_id(init, ids.back()));
  }
}

TEST_CASE("an id of another log is not resumed") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("one");
  alice.hears();
  event_line line{hub, "", {{"Last-Event-ID", "11111111-2222-3333-4444-555555555555:1"}}};
  const auto init = line.gets("init");
  CHECK(init["resumed"] == false);
  CHECK(init["history"].size() == 1);
}

TEST_CASE("data with line ends of every kind is the same JSON on a line") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  event_line live{hub};
  const auto init = live.gets("init");
  alice.send_text("{\"type\":\"message\",\"text\":\"x\",\"data\":[1,\r\n2,\n3,\r4,\r\r\n\n{\"a\":"
                  "\r\n\"\\r\\n\"}]}");
  const auto shown = alice.hears();
  const auto expected = json{1, 2, 3, 4, {{"a", "\r\n"}}};
  REQUIRE(shown["data"] == expected);
  CHECK(live.gets("message")["data"] == expected);
  CHECK(live.last.id == event_id(init, shown["id"]));
  event_line fresh{hub};
  CHECK(fresh.gets("init")["history"][0]["data"] == expected);
  event_line resumed{hub, "", {{"Last-Event-ID", event_id(init, 0)}}};
  CHECK(resumed.gets("init")["resumed"] == true);
  CHECK(resumed.gets("message")["data"] == expected);
}

TEST_CASE("a line is a member of its room, and hears of the others") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  CHECK(alice.presence() == 1);
  {
    event_line line{hub};
    line.gets("init");
    CHECK(line.gets("presence")["online"] == 2);
    CHECK(line.last.id.size() > 36); // the id of the init stays
    CHECK(alice.presence() == 2);
    visitor bob{hub};
    CHECK(line.gets("presence")["online"] == 3);
  }
  while (alice.presence() != 1)
    ;
}

TEST_CASE("a line is told of messages that the log has lost") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say_all(numbered("message", 10));
  alice.hears_texts(10);
  event_line live{hub};
  live.gets("init");
  db.sql("delete from messages where id > 6");
  db.sql("update sqlite_sequence set seq = 6");
  alice.say("after");
  const auto fork = live.gets("fork");
  CHECK(fork["room"] == "lobby");
  CHECK(fork["after"] == 6);
  CHECK(live.gets("message")["text"] == "after");
  event_line resumed{hub, "", {{"Last-Event-ID", event_id(alice.init, 9)}}};
  const auto init = resumed.gets("init");
  CHECK(init["fork"] == json{{"after", 6}, {"first", fork["first"]}});
  CHECK(resumed.gets("message")["text"] == "after");
}

TEST_CASE("bytes that follow the request are ignored") {
  sqlite db;
  hub hub{db};
  event_line line{hub};
  line.gets("init");
  line.peer.send("\r\nGET /events HTTP/1.1\r\nHost: hub\r\n\r\n" + std::string(2000, 'x'));
  visitor alice{hub};
  alice.say("still here");
  CHECK(line.gets("message")["text"] == "still here");
}

TEST_CASE("the end of a peer is noticed at once, whatever it is") {
  sqlite db;
  hub hub{db};
  event_line line{hub};
  line.gets("init");
  const auto connections = [&] {
    return fetch(hub.port(), "/ws-info").json()["active_connections"].get<int>();
  };
  CHECK(connections() == 1);
  SUBCASE("the end of its sending side") {
    line.peer.finish();
    while (line.next())
      ;
  }
  SUBCASE("a reset") {
    line.peer.reset();
  }
  eventually("the connection ends", [&] { return connections() == 0; });
}

TEST_CASE("a silent line gets a comment in time") {
  sqlite db;
  hub hub{db};
  event_line line{hub};
  line.gets("init");
  while (line.stream.comments() == 0) {
    std::string bytes;
    REQUIRE(line.peer.read_some(bytes));
    line.stream.feed(bytes);
  }
  visitor alice{hub};
  alice.say("and goes on");
  CHECK(line.gets("message")["text"] == "and goes on");
}

TEST_SUITE_END();
