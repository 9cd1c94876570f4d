// POST /messages: who may publish, how much, and what happens when the hub cannot store it.
#include "tests/server/exposition.hpp"
#include "tests/server/publication.hpp"
#include "tests/server/signed_token.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <thread>

using namespace test;

TEST_SUITE_BEGIN("publish");

namespace {

const std::string message = R"({"text":"hello"})";

headers bearing(const std::string& claims) {
  return {{"Authorization", "Bearer " + signed_token(R"({"alg":"HS256"})", claims)}};
}

json many(std::size_t count) {
  auto out = json::array();
  for (std::size_t i = 0; i < count; ++i)
    out.push_back({{"text", "message " + std::to_string(i)}});
  return out;
}

} // namespace

TEST_CASE("a body needs a length, the type of JSON, and at most 1 MiB") {
  sqlite db;
  hub hub{db};
  const auto with_type = [&](const std::string& type) {
    return fetch(hub.port(), request{"POST", "/messages", {{"Content-Type", type}}, message});
  };
  for (const auto* type : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json ; charset=utf-8"})
    CHECK(with_type(type).status == 201);
  for (const auto* type : {"text/plain", "application/jsonl", "application/x-www-form-urlencoded"})
    CHECK(error_of(with_type(type)) == "415 unsupported_type");
  CHECK(error_of(fetch(hub.port(), request{"POST", "/messages", {}, message})) ==
        "415 unsupported_type");
  const headers json_type{{"Content-Type", "application/json"}};
  CHECK(error_of(fetch(hub.port(), request{"POST", "/messages", json_type})) ==
        "411 length_required");
  auto chunked = json_type;
  chunked.emplace_back("Transfer-Encoding", "chunked");
  CHECK(error_of(fetch(hub.port(), request{"POST", "/messages", chunked})) ==
        "411 length_required");
  auto largest = message;
  largest.resize(1 << 20, ' ');
  CHECK(fetch(hub.port(), publication(largest)).status == 201);
  CHECK(error_of(fetch(hub.port(), publication(largest + ' '))) == "413 too_large");
  CHECK(error_of(fetch(hub.port(), request{"POST", "/health", json_type, message})) ==
        "405 method_not_allowed");
  const auto put = fetch(hub.port(), request{"PUT", "/messages", json_type, message});
  CHECK(put.status == 405);
  CHECK(put.field("Allow") == "GET, HEAD, POST");
}

TEST_CASE("one connection publishes many times, and waits for 100-continue if it wants to") {
  sqlite db;
  hub hub{db};
  connection peer{hub.port()};
  std::string bytes;
  for (int i = 1; i <= 3; ++i) {
    peer.send(encode(publication(message), hub.port()));
    const auto answer = receive(peer, bytes);
    CHECK(answer.status == 201);
    CHECK(answer.json()["messages"][0]["id"] == i);
  }
  auto patient = publication(message, {{"Expect", "100-continue"}});
  auto head = encode(patient, hub.port());
  head.resize(head.size() - message.size());
  peer.send(head);
  while (bytes.find("\r\n\r\n") == bytes.npos)
    REQUIRE(peer.read_some(bytes));
  CHECK(take_head(bytes).status == 100);
  peer.send(message);
  CHECK(receive(peer, bytes).status == 201);
}

TEST_CASE("a body that comes too slowly ends its connection, and others go on") {
  sqlite db;
  hub hub{db};
  connection slow{hub.port()};
  const std::string body(1 << 20, ' ');
  slow.send("POST /messages HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
            "Content-Length: 1048576\r\n\r\n");
  const auto began = deadline::clock::now();
  std::string answer;
  while (!slow.readable(100ms) || slow.read_some(answer)) {
    REQUIRE(deadline::clock::now() - began < patience);
    slow.send("  ");
  }
  CHECK(deadline::clock::now() - began > 9s);
  CHECK(publish(hub, {{"text", "hello"}}).status == 201);
}

TEST_CASE(
    "bodies that are half read take a sixteenth of the memory together, and more are refused") {
  sqlite db;
  hub hub{db, {{"MEMORY_LIMIT", "512M"}}};
  std::vector<connection> peers;
  for (int i = 0; i < 40; ++i)
    peers.emplace_back(hub.port())
        .send("POST /messages HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
              "Content-Length: 1048576\r\n\r\n ");
  std::vector<std::string> said(peers.size());
  const auto refused = [&] {
    std::size_t out = 0;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (peers[i].readable(0s))
        peers[i].read_some(said[i]);
      out += said[i].starts_with("HTTP/1.1 503") && said[i].find("no_memory") != std::string::npos;
    }
    return out;
  };
  eventually("eight to be refused", [&] { return refused() >= 8; });
  CHECK(refused() <= 16); // a request that is being refused counts for a moment
  eventually("/health to answer 200", [&] { return fetch(hub.port(), "/health").status == 200; });
}

TEST_CASE("pages of other sites publish only if they are allowed, after a preflight") {
  sqlite db;
  hub hub{db, {{"ALLOWED_ORIGINS", "https://chat.example"}}};
  const auto from = [&](const std::string& origin) {
    return fetch(hub.port(), publication(message, {{"Origin", origin}}));
  };
  CHECK(from("https://chat.example").status == 201);
  CHECK(from("https://chat.example").field("Access-Control-Allow-Origin") ==
        "https://chat.example");
  CHECK(from("http://127.0.0.1:" + std::to_string(hub.port())).status == 201);
  for (const auto* origin : {"https://evil.example", "null"}) {
    const auto answer = from(origin);
    CHECK(error_of(answer) == "403 foreign_origin");
    CHECK_FALSE(answer.has("Access-Control-Allow-Origin"));
  }
  const auto preflight = fetch(
      hub.port(), request{"OPTIONS",
                          "/messages",
                          {{"Origin", "https://chat.example"},
                           {"Access-Control-Request-Method", "POST"},
                           {"Access-Control-Request-Headers", "content-type,idempotency-key"}}});
  CHECK(preflight.status == 204);
  CHECK(preflight.field("Access-Control-Allow-Methods") == "GET, HEAD, POST");
  CHECK(preflight.field("Access-Control-Allow-Headers") ==
        "Authorization, Content-Type, Hubbub-Name, Hubbub-Secret, Idempotency-Key");
  // The page may also read why it was refused.
  const auto refused = fetch(
      hub.port(), request{"POST",
                          "/messages",
                          {{"Origin", "https://chat.example"}, {"Content-Type", "text/plain"}},
                          message});
  CHECK(refused.status == 415);
  CHECK(refused.field("Access-Control-Allow-Origin") == "https://chat.example");
  CHECK(refused.field("Access-Control-Expose-Headers") == "Link, Retry-After");
}

TEST_CASE("a token says who publishes, and in which rooms") {
  sqlite db;
  hub hub{db, {{"JWT_SECRET", jwt_secret}}};
  CHECK(error_of(fetch(hub.port(), publication(message))) == "401 token_required");
  CHECK(error_of(fetch(hub.port(), publication(message, {{"Authorization", "Bearer x"}}))) ==
        "401 token_required");
  const auto ann = bearing(R"({"sub":"Ann","rooms":["a"]})");
  CHECK(error_of(fetch(hub.port(), publication(message, ann))) == "403 forbidden 0");
  CHECK(fetch(hub.port(), publication(message, ann, "/messages?room=a")).status == 201);
  CHECK(error_of(publish(hub, json{{{"text", "x"}, {"room", "a"}}, {{"text", "x"}}}, ann)) ==
        "403 forbidden 1");
  CHECK(db.sql("select name, count(*) from messages group by name") == rows{{"Ann", "1"}});
  auto named = ann;
  named.emplace_back("Hubbub-Name", "Bob");
  CHECK(error_of(fetch(hub.port(), publication(message, named, "/messages?room=a"))) ==
        "400 verified_name");
}

TEST_CASE("each message counts in the limit of its address, and all of a request or none") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT_PER_IP", "10"}, {"TRUSTED_PROXIES", "127.0.0.1"}}};
  const auto from = [&](const std::string& address, std::size_t count) {
    return publish(hub, many(count), {{"X-Forwarded-For", address}});
  };
  CHECK(from("192.0.2.1", 15).status == 201);
  const auto refused = from("192.0.2.1", 20);
  CHECK(error_of(refused) == "429 too_fast");
  CHECK(std::stoi(refused.field("Retry-After")) >= 1);
  CHECK(std::stoi(refused.field("Retry-After")) <= 2);
  CHECK(from("192.0.2.2", 20).status == 201);
  // More than the bucket holds is taken when the bucket is half full, which is empty for longer
  // then.
  CHECK(from("192.0.2.3", 200).status == 201);
  const auto later = from("192.0.2.3", 1);
  CHECK(error_of(later) == "429 too_fast");
  CHECK(std::stoi(later.field("Retry-After")) >= 10);
  CHECK(db.value("select count(*) from messages") == "235");
}

TEST_CASE("a refused body counts as messages, and the next one is refused by its head") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT_PER_IP", "0.01"}, {"TRUSTED_PROXIES", "127.0.0.1"}}};
  const auto from = [&](const std::string& address, const std::string& body,
                        const std::string& target = "/messages") {
    return fetch(hub.port(), publication(body, {{"X-Forwarded-For", address}}, target));
  };
  CHECK(error_of(from("192.0.2.1", "[")) == "400 bad_json 0");
  const auto refused = from("192.0.2.1", message);
  CHECK(error_of(refused) == "429 too_fast");
  CHECK(refused.field("Connection") == "close"); // the body was not read
  CHECK(error_of(from("192.0.2.2", std::string(100'000, ' '))) == "400 bad_json 0");
  CHECK(std::stoi(from("192.0.2.2", message).field("Retry-After")) > 500);
  CHECK(error_of(from("192.0.2.3", message, "/messages?room=%20")) == "400 bad_room");
  CHECK(error_of(from("192.0.2.3", message)) == "429 too_fast");
  CHECK(from("192.0.2.4", message).status == 201);
  // Those that were refused by their heads do not count.
  const auto counted = labelled(scrape(hub), "hubbub_publish_requests_total");
  CHECK(counted.at(R"(answer="refused")") == 3);
  CHECK(counted.at(R"(answer="stored")") == 1);
}

TEST_CASE("while the database is away, a request waits, and is in doubt after ten seconds") {
  postgres db;
  hub hub{db};
  publish(hub, {{"text", "creates the table"}});
  postgres::cluster().pause();
  const auto began = deadline::clock::now();
  const auto answer = publish(hub, {{"text", "late"}, {"key", "k"}});
  CHECK(error_of(answer) == "503 in_doubt");
  CHECK(answer.field("Retry-After") == "1");
  CHECK(deadline::clock::now() - began >= 10s);
  postgres::cluster().start();
  const auto again = publish(hub, {{"text", "late"}, {"key", "k"}});
  CHECK((again.status == 200 || again.status == 201));
  CHECK(db.value("select count(*) from messages where text = 'late'") == "1");
}

TEST_CASE("a request waits for a database that comes back, and no longer than that") {
  postgres db;
  hub hub{db};
  publish(hub, {{"text", "creates the table"}});
  postgres::cluster().stop();
  response answer;
  std::thread publisher([&] { answer = publish(hub, many(3)); });
  eventually("the hub to notice", [&] { return fetch(hub.port(), "/health").status == 503; });
  postgres::cluster().start();
  publisher.join();
  CHECK((answer.status == 201 || error_of(answer) == "503 in_doubt")); // on a slow machine
  if (answer.status == 201)
    CHECK(published<int>(answer, "user_message_number") == std::vector<int>{1, 2, 3});
}

TEST_CASE("a stop stores and answers the request that it has accepted") {
  postgres db;
  hub hub{db};
  publish(hub, {{"text", "creates the table"}});
  auto held = db.session();
  held->sql("begin; lock table messages in exclusive mode");
  response answer;
  std::thread publisher([&] { answer = publish(hub, many(100)); });
  eventually("the messages to wait",
             [&] { return scrape(hub).at("hubbub_messages_accepted_total") == 101; });
  hub.server().signal(SIGTERM);
  hub.logs("stop");
  held.reset();
  publisher.join();
  CHECK(answer.status == 201);
  CHECK(db.value("select count(*) from messages") == "101");
}

TEST_SUITE_END();
