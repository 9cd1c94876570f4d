// /ws-info as operators read it: the state of the hub and its connections.
#include "tests/support/problem.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("ws info");

namespace {

json info(const hub& where) {
  return fetch(where.port(), "/ws-info").json();
}

json page(const hub& where, const std::string& target = "/ws-info?connections=1") {
  return fetch(where.port(), target).json();
}

} // namespace

TEST_CASE("/ws-info begins with what the old chat told") {
  sqlite db;
  hub hub{db};
  CHECK(fetch(hub.port(), "/ws-info")
            .body.starts_with(R"({"active_connections":0,"status":"running",)"));
}

TEST_CASE("/ws-info counts exactly what happened") {
  sqlite db;
  hub hub{db};
  const auto quiet = info(hub);
  CHECK(quiet["latency"]["delivery"]["p50_ms"].is_null());
  CHECK(quiet["closes"] == json::object());
  visitor alice{hub}, bob{hub}, carol{hub, "?room=kitchen"};
  alice.say_all(numbered("message", 100));
  alice.hears_texts(100);
  bob.hears_texts(100);
  alice.send_text("[]");
  alice.gets("error");
  carol.leave();
  json now; // the rates cover the last ten seconds, so they are read as soon as all is counted
  eventually("all to be counted", [&] {
    now = info(hub);
    return now["messages"]["delivered"]["total"] == 200 && now["active_connections"] == 2 &&
           now["rooms_total"] == 1 && now["newest_id"] == 100;
  });
  CHECK(now["log"] == alice.init["log"]);
  CHECK(now["messages"]["in"]["total"] == 100);
  CHECK(now["messages"]["stored"]["total"] == 100);
  for (const auto* each : {"in", "stored", "delivered"})
    CHECK(now["messages"][each]["per_second"] > 1);
  for (const auto* each : {"commit", "delivery"}) {
    CHECK(now["latency"][each]["p50_ms"] > 0);
    CHECK(now["latency"][each]["p50_ms"] <= now["latency"][each]["p99_ms"]);
  }
  CHECK(now["rooms"] == json{{{"room", "lobby"}, {"members", 2}}});
  CHECK(now["connections_opened"] == 3);
  CHECK(now["closes"] == json{{"1000", 1}});
  CHECK(now["refused"] == json{{"not_object", 1}});
  CHECK(now["slow_readers"].empty());
  CHECK(now["slow_readers_total"] == 0);
  CHECK(now["memory_bytes"] > 1'000'000);
}

TEST_CASE("connections are listed page by page, newest first") {
  sqlite db;
  hub hub{db, {{"THREADS", "3"}}};
  std::vector<visitor> all;
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    all.emplace_back(hub, i % 2 ? "?room=kitchen" : "",
                     connect_options{.from = "127.0.0." + std::to_string(i + 1)});
    ids.insert(ids.begin(), all.back().id());
  }
  all[0].say("hello");
  for (int i = 0; i < 7; i += 2)
    all[i].hears();

  const auto whole = page(hub);
  CHECK(each<std::string>(whole["connections"], "connection_id") == ids);
  CHECK(whole["next"].is_null());
  const auto& oldest = whole["connections"][6];
  CHECK(oldest["room"] == "lobby");
  CHECK(oldest["address"] == "127.0.0.1");
  CHECK(oldest["sent_messages"] == 1);
  CHECK(oldest["lag_messages"] == 0);
  CHECK(oldest["lag_bytes"] == 0);
  CHECK(whole["connections"][5]["room"] == "kitchen");
  CHECK(whole["connections"][5]["sent_messages"] == 0);

  std::vector<std::string> paged;
  json next = "ws-info?connections=1&limit=3";
  for (int pages = 0; !next.is_null(); ++pages) {
    REQUIRE(pages < 3);
    const auto answer = fetch(hub.port(), '/' + next.get<std::string>());
    for (const auto& id : each<std::string>(answer.json()["connections"], "connection_id"))
      paged.push_back(id);
    next = answer.json()["next"];
    CHECK(answer.field("Link") ==
          (next.is_null() ? "" : "<" + next.get<std::string>() + ">; rel=\"next\""));
  }
  CHECK(paged == ids);
}

TEST_CASE("connections that open or end between two pages do not move the others") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  std::vector<std::unique_ptr<visitor>> all;
  for (int i = 0; i < 6; ++i)
    all.push_back(std::make_unique<visitor>(hub));
  const auto first = page(hub, "/ws-info?connections=1&limit=2");
  CHECK(each<std::string>(first["connections"], "connection_id") ==
        std::vector{all[5]->id(), all[4]->id()});
  visitor new_one{hub};
  for (auto i : {4, 2}) // the last connection of the page, and one of the next page
    all[i].reset();
  eventually("both to be gone", [&] { return page(hub)["connections"].size() == 5; });
  const auto second = page(hub, '/' + first["next"].get<std::string>());
  CHECK(each<std::string>(second["connections"], "connection_id") ==
        std::vector{all[3]->id(), all[1]->id()});
}

TEST_CASE("messages sent to a connection are counted, live ones and missed ones") {
  sqlite db;
  hub hub{db};
  visitor alice{hub};
  alice.say_all(numbered("early", 10));
  alice.hears_texts(10);
  visitor back{hub, "?after=4&log=" + alice.init["log"].get<std::string>()};
  back.hears_texts(6);
  alice.say_all(numbered("late", 5));
  alice.hears_texts(5);
  back.hears_texts(5);
  CHECK(each<int>(page(hub)["connections"], "sent_messages") == std::vector<int>{11, 15});
}

TEST_CASE("an invalid query is answered 400 with a reason") {
  sqlite db;
  hub hub{db};
  for (const auto* query :
       {"connections=2", "connections=yes", "connections=1&limit=0", "connections=1&limit=201",
        "connections=1&limit=x", "connections=1&before=0", "connections=1&before=-1",
        "connections=1&before=", "connections"}) {
    CAPTURE(query);
    const auto answer = fetch(hub.port(), std::string("/ws-info?") + query);
    CHECK(answer.status == 400);
    CHECK(problem_of(answer)["code"] == "bad_query");
  }
  CHECK(fetch(hub.port(), "/ws-info?connections=1&before=99999999999999999999").status == 200);
  CHECK(fetch(hub.port(), "/ws-info?anything=else").json()["status"] == "running");
}

TEST_SUITE_END();
