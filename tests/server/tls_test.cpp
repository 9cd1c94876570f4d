// TLS: versions, slow clients, and clients that break the rules.
#include "tests/server/secure_hub.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <vector>

using namespace test;

TEST_SUITE_BEGIN("tls");

namespace {

std::string ask_health(connection& client) {
  client.send("GET /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
  return client.read_until_closed();
}

} // namespace

TEST_CASE("HTTP and WebSocket are served under TLS 1.2 and 1.3") {
  const secure_hub hub;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    auto how = secure;
    how.newest_tls = version;
    visitor alice{hub.server, "", how};
    alice.say("under TLS");
    CHECK(alice.hears()["text"] == "under TLS");
    connection client{hub.server.port(), how};
    CHECK(SSL_version(client.tls().get()) == version);
    CHECK(ask_health(client).starts_with("HTTP/1.1 200"));
  }
}

TEST_CASE("an older TLS is refused") {
  const secure_hub hub;
  auto old = secure;
  old.newest_tls = TLS1_1_VERSION;
  CHECK_THROWS_WITH((connection{hub.server.port(), old}), "there is no TLS with the server");
}

TEST_CASE("a client that sends plain HTTP is told to use HTTPS") {
  const secure_hub hub;
  connection client{hub.server.port(), plain};
  const auto answer = ask_health(client);
  CHECK(answer.starts_with("HTTP/1.1 400"));
  CHECK(answer.find("This port speaks HTTPS") != answer.npos);
  CHECK(answer.find("https_required") != answer.npos);
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("many unfinished handshakes do not delay other clients") {
  secure_hub hub;
  const auto time_to_serve = [&] {
    const auto began = deadline::clock::now();
    visitor alice{hub.server, "", secure};
    alice.say("quick");
    CHECK(alice.hears()["text"] == "quick");
    return deadline::clock::now() - began;
  };
  const auto calm = time_to_serve();
  const auto idle = hub.server.resident();
  constexpr std::size_t many = 1000;
  std::vector<connection> slow;
  for (std::size_t i = 0; i < many; ++i) {
    slow.emplace_back(hub.server.port(), plain);
    if (i % 2)
      slow.back().send(std::string("\x16\x03\x01\x02\x00\x01", 6)); // 506 bytes are missing
  }
  // A client that had to wait for the end of the slow ones would wait ten seconds.
  const auto took = time_to_serve();
  record_measurement("service beside 1000 unfinished handshakes", 5s, took);
  CHECK(took < std::max<deadline::clock::duration>(8s, 100 * calm));
  CHECK((hub.server.resident() - idle) / many < 64 * 1024);
  // A handshake has ten seconds, as a request has.
  for (auto& each : slow)
    each.read_until_closed();
}

TEST_CASE("bytes that are no handshake end only their connection") {
  secure_hub hub;
  visitor alice{hub.server, "", secure};
  for (const auto* noise :
       {"\x16\x03\x01\xff\xff", "\x15\x03\x03\x00\x02\x02\x28", "hello\r\n\r\n"}) {
    connection client{hub.server.port(), plain};
    client.send(noise);
    client.finish();
    client.read_until_closed();
  }
  alice.say("unharmed");
  CHECK(alice.hears()["text"] == "unharmed");
}

TEST_CASE("a slow reader over TLS loses nothing") {
  secure_hub hub;
  auto narrow = secure;
  narrow.receive_buffer = 4096;
  visitor alice{hub.server, "", narrow}, bob{hub.server, "", secure};
  const auto texts = numbered(std::string(900, 'x'), 2000);
  bob.say_all(texts);
  CHECK(bob.hears_texts(texts.size()) == texts);
  CHECK(alice.hears_texts(texts.size()) == texts);
}

TEST_CASE("a batch larger than OUTBOX_LIMIT arrives over TLS too") {
  const temp_dir folder;
  const auto files = make_certificate(folder.path());
  sqlite db;
  hub server{db, {{"TLS_CERT", files.chain}, {"TLS_KEY", files.key}, {"OUTBOX_LIMIT", "4096"}}};
  visitor alice{server, "", secure}, bob{server, "", secure};
  for (int round = 0; round < 20; ++round) {
    const auto texts = numbered(std::string(900, 'x') + std::to_string(round), 40);
    bob.say_all(texts);
    CHECK(alice.hears_texts(texts.size()) == texts);
    CHECK(bob.hears_texts(texts.size()) == texts);
  }
}

TEST_CASE("a client that renews its keys without end is disconnected") {
  secure_hub hub;
  visitor alice{hub.server, "", secure};
  visitor renewer{hub.server, "", secure}; // no other limit would end this connection
  auto* const tls = renewer.transport().tls().get();
  REQUIRE(SSL_version(tls) == TLS1_3_VERSION);
  for (int i = 0; i < 3000; ++i)
    if (SSL_key_update(tls, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(tls) < 0)
      break;
  CHECK(renewer.next_close().code == 1006);
  alice.say("unharmed");
  CHECK(alice.hears()["text"] == "unharmed");
}

TEST_CASE("a stop tells clients over TLS when to return") {
  secure_hub hub;
  ws_client alice{hub.server.port(), "/ws", {}, secure};
  CHECK(hub.server.stop() == 0);
  const auto end = alice.next_close();
  CHECK(end.code == 1012);
  CHECK(end.reason.starts_with("retry_after_ms="));
}

TEST_SUITE_END();
