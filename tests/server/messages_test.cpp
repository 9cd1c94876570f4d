// GET /messages: the history of a room, page by page.
#include "tests/support/postgres.hpp"
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <thread>

using namespace test;

TEST_SUITE_BEGIN("messages");

namespace {

std::vector<std::string> texts(const json& page) {
  return each<std::string>(page.at("messages"), "text");
}

std::vector<std::string> backwards(std::vector<std::string> all) {
  std::reverse(all.begin(), all.end());
  return all;
}

} // namespace

TEST_CASE_TEMPLATE("the history is read page by page, newest first, to its end", database, sqlite,
                   postgres) {
  database db;
  hub hub{db};
  visitor alice{hub}, bob{hub, "?room=garden"};
  bob.say("elsewhere");
  bob.hears();
  alice.say_all(numbered("message", 120));
  alice.hears_texts(120);
  std::vector<std::string> all;
  int pages = 0;
  for (json next = "messages"; !next.is_null(); ++pages) {
    const auto answer = fetch(hub.port(), '/' + next.get<std::string>());
    REQUIRE(answer.status == 200);
    CHECK(answer.field("Content-Type") == "application/json");
    const auto page = answer.json();
    CHECK(page.size() == 2);
    for (auto& text : texts(page))
      all.push_back(text);
    next = page["next"];
    CHECK(answer.field("Link") ==
          (next.is_null() ? "" : "<" + next.get<std::string>() + ">; rel=\"next\""));
  }
  CHECK(pages == 3);
  CHECK(all == backwards(numbered("message", 120)));
}

TEST_CASE_TEMPLATE("a page with much data ends early, and the next one goes on from there",
                   database, sqlite, postgres) {
  database db;
  hub hub{db};
  visitor waits_for_the_tables{hub};
  const std::string data =
      db.url().starts_with("postgres") ? "repeat('x', 100000)" : "hex(zeroblob(50000))";
  db.sql("with recursive n(i) as (select 1 union all select i + 1 from n where i < 12) insert into "
         "messages (text, connection_id, user_message_number, created_at, data) select 'message ' "
         "|| i, '0a0b0c0d-0102-4304-8506-0708090a0b0c', i, '2026-01-31 09:30:00', '\"' || " +
         data + " || '\"' from n order by i");
  std::vector<std::string> all;
  std::size_t pages = 0;
  for (json next = "messages?limit=200"; !next.is_null(); ++pages) {
    const auto page = fetch(hub.port(), '/' + next.get<std::string>()).json();
    CHECK(page["messages"].size() >= 2);
    CHECK(page["messages"].size() <= 6); // the sixth is over 512 KiB
    for (auto& text : texts(page))
      all.push_back(text);
    next = page["next"];
  }
  CHECK(pages >= 2);
  CHECK(all == backwards(numbered("message", 12)));
  CHECK(texts(fetch(hub.port(), "/messages?limit=3").json()).size() == 3);
}

TEST_CASE("a message of the history equals the live one") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("\xE2\x82\xAC \"quoted\"");
  CHECK(fetch(hub.port(), "/messages").json()["messages"] == json{alice.hears()});
}

TEST_CASE("a page is compressed for a client that accepts it, unless it is short") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("short");
  alice.hears_texts(1);
  const auto get = [&](const char* accepted) {
    return fetch(hub.port(), request{"GET", "/messages", {{"Accept-Encoding", accepted}}});
  };
  CHECK(get("br").field("Content-Encoding") == "");
  CHECK(get("br").field("Vary") == "Accept-Encoding");
  alice.say_all(numbered("message", 49));
  alice.hears_texts(49);
  const auto plain = get("identity"), zipped = get("gzip"), smallest = get("gzip, br");
  CHECK(plain.field("Content-Encoding") == "");
  CHECK(zipped.field("Content-Encoding") == "gzip");
  CHECK(smallest.field("Content-Encoding") == "br");
  CHECK(zipped.body.size() < plain.body.size() / 3);
  CHECK(smallest.body.size() < plain.body.size() / 3);
  CHECK(zipped.body.starts_with("\x1f\x8b"));
  CHECK(zipped.field("Content-Type") == plain.field("Content-Type"));
  CHECK(zipped.field("Vary") == "Accept-Encoding");
}

TEST_CASE("room, before and limit select the page") {
  sqlite db;
  hub hub{db};
  visitor alice{hub, "?room=caf%C3%A9"};
  alice.say_all(numbered("message", 10));
  alice.hears_texts(10);
  const auto page = fetch(hub.port(), "/messages?room=caf%C3%A9&before=8&limit=3").json();
  CHECK(texts(page) == std::vector<std::string>{"message 7", "message 6", "message 5"});
  CHECK(page["next"] == "messages?room=caf%C3%A9&before=5&limit=3");
  const auto last = fetch(hub.port(), "/messages?room=caf%C3%A9&before=4&limit=3").json();
  CHECK(texts(last).size() == 3);
  CHECK(last["next"] == nullptr); // the hub knows that no older message exists
  CHECK(texts(fetch(hub.port(), "/messages?room=caf%C3%A9&limit=200").json()).size() == 10);
  CHECK(texts(fetch(hub.port(), "/messages?room=caf%C3%A9&before=99999999999999999999").json())
            .size() == 10);
  CHECK(fetch(hub.port(), "/messages?room=nobody").json() ==
        json{{"messages", json::array()}, {"next", nullptr}});
}

TEST_CASE("an invalid parameter is refused with an explanation") {
  sqlite db;
  hub hub{db};
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
  for (auto query : {"limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1.5",
                     "before=0", "before=-1", "before=x", "before=", "before=1x",
                     "room=", "room=a%20b", "room=%FF", "limit=99999999999999999999"}) {
    CAPTURE(query);
    const auto answer = fetch(hub.port(), std::string("/messages?") + query);
    CHECK(answer.status == 400);
    const auto told = problem_of(answer);
    CHECK(told["code"] == (std::string(query).starts_with("room") ? "bad_room" : "bad_query"));
    CHECK(told["detail"].get<std::string>().size() > 20);
  }
  CHECK(fetch(hub.port(), "/messages?other=1").status == 200);
}

TEST_CASE("HEAD is GET without the body, and nothing else but POST is allowed") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say("hello");
  alice.hears();
  const auto get = fetch(hub.port(), "/messages");
  const auto head = fetch(hub.port(), request{"HEAD", "/messages"});
  CHECK(head.status == 200);
  CHECK(head.body == "");
  CHECK(head.field("Content-Length") == std::to_string(get.body.size()));
  const auto put = fetch(hub.port(), request{"PUT", "/messages"});
  CHECK(put.status == 405);
  CHECK(put.field("Allow") == "GET, HEAD, POST");
}

TEST_CASE("while the database hangs, requests beyond the queue's bound get 503") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  alice.say("hello");
  alice.hears();
  CHECK(fetch(hub.port(), "/messages").status == 200);
  postgres::cluster().pause();
  const auto paused = deadline::clock::now();
  std::vector<connection> waiting;
  for (int i = 0; i < 64; ++i) {
    waiting.emplace_back(hub.port());
    waiting.back().send(encode(request{"GET", "/messages"}, hub.port()));
  }
  response told;
  eventually("a request over the bound", [&] {
    connection one{hub.port()};
    one.send(encode(request{"GET", "/messages"}, hub.port()));
    if (!one.readable(100ms)) {
      waiting.push_back(std::move(one));
      return false;
    }
    std::string bytes;
    told = receive(one, bytes);
    return true;
  });
  CHECK(told.status == 503);
  CHECK(told.field("Retry-After") == "1");
  CHECK(problem_of(told)["code"] == "busy");
  const bool was_short = deadline::clock::now() - paused < 4s; // a request waits five seconds
  postgres::cluster().resume();
  std::string bytes;
  const auto status = receive(waiting.front(), bytes).status;
  CHECK((status == 200 || (status == 503 && !was_short)));
}

TEST_SUITE_END();
