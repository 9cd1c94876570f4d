// permessage-deflate (RFC 7692): who gets what is said compressed, and what a hub inflates.
#include "tests/support/deflate.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("deflate");

namespace {

const std::string long_text = "the same words again and again, the same words again and again, the "
                              "same words again and again";

headers offer(const std::string& what) {
  return {{"Sec-WebSocket-Extensions", what}};
}

const headers browser = offer("permessage-deflate; client_max_window_bits");

visitor visitor_offering(const hub& where, const headers& fields, const std::string& query = "") {
  return visitor{where, query, {}, fields};
}

ws_frame compressed_message(const std::string& text) {
  return {opcode::text, deflated(json{{"type", "message"}, {"text", text}}.dump()), true, 4};
}

} // namespace

TEST_CASE("where it is on, who offers it gets what is said compressed, and others as it is") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto alice = visitor_offering(hub, browser);
  visitor bob{hub};
  CHECK(alice.extension() ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "client_max_window_bits=10");
  CHECK(bob.extension().empty());
  for (int i = 1; i <= 3; ++i) {
    bob.say(long_text);
    auto heard = alice.hears();
    CHECK(heard == bob.hears());
    CHECK(heard["text"] == long_text);
    CHECK(heard["user_message_number"] == i);
  }
  CHECK(alice.compressed() >= 3);
  CHECK(bob.compressed() == 0);
}

TEST_CASE("a message that compression makes no smaller comes as it is") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto alice = visitor_offering(hub, browser);
  alice.send_json({{"type", "message"}}); // the error is for her alone, and framed for her alone
  CHECK(alice.gets("error")["code"] == "no_text");
  alice.say("short");
  CHECK(alice.hears()["text"] == "short");
}

TEST_CASE("where it is off, an offer is declined") {
  sqlite db;
  hub hub{db};
  auto alice = visitor_offering(hub, browser);
  CHECK(alice.extension().empty());
  alice.send_frame(compressed_message("compressed all the same"));
  CHECK(alice.next_close().code == 1002);
}

TEST_CASE("a hub inflates what a client compressed, in parts too") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  for (const auto* what : {"permessage-deflate", "permessage-deflate; client_max_window_bits=15"}) {
    auto alice = visitor_offering(hub, offer(what));
    auto whole = compressed_message(long_text);
    alice.send_frame(whole);
    CHECK(alice.hears()["text"] == long_text);
    alice.send_frame({opcode::text, whole.payload.substr(0, 9), false, 4});
    alice.ping("between");
    alice.send_frame({opcode::continuation, whole.payload.substr(9)});
    CHECK(alice.next_pong() == "between");
    CHECK(alice.hears()["text"] == long_text);
    alice.say("plain"); // compression is each message's choice (section 6)
    CHECK(alice.hears()["text"] == "plain");
  }
}

TEST_CASE("an offer that asks for a smaller window than the one compressor has is declined") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  for (const auto* bits : {"8", "9", "11", "0", "nonsense"})
    CHECK(visitor_offering(hub,
                           offer("permessage-deflate; server_max_window_bits=" + std::string{bits}))
              .extension()
              .empty());
  auto alice = visitor_offering(hub, offer("permessage-deflate; server_max_window_bits=12"));
  CHECK(alice.extension().find("server_max_window_bits=12") != std::string::npos);
  std::string far; // repeats itself at a distance that a smaller window does not reach
  for (int i = 0; far.size() < 900; ++i)
    far += std::to_string(i * 7919);
  alice.window_bits(12);
  alice.say(far.substr(0, 450) + far.substr(0, 450));
  CHECK(alice.hears()["text"] == far.substr(0, 450) + far.substr(0, 450));
  CHECK(alice.compressed() == 1);
}

TEST_CASE("what inflates past the largest frame ends with 1009") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto bomber = visitor_offering(hub, browser);
  visitor bystander{hub};
  bomber.send_frame({opcode::text, deflated(std::string(8 << 20, ' ')), true, 4});
  CHECK(bomber.next_close().code == 1009);
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
}

TEST_CASE("what does not inflate ends the connection, and no other") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto broken = visitor_offering(hub, browser);
  visitor bystander{hub};
  broken.send_frame({opcode::text, "\xff\xff\xff\xff", true, 4});
  broken.next_close();
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
}

TEST_CASE("a compressed reader who falls behind misses nothing") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}, {"OUTBOX_LIMIT", "4096"}, {"RATE_LIMIT", "0"}}};
  connect_options narrow;
  narrow.receive_buffer = 4096;
  visitor alice{hub, "", narrow, browser}, bob{hub};
  const auto texts = numbered(long_text, 3000);
  bob.say_all(texts);
  CHECK(bob.hears_texts(texts.size()) == texts);
  CHECK(alice.hears_texts(texts.size()) == texts);
  CHECK(alice.compressed() > 0);
  bob.say("and live again");
  CHECK(alice.hears()["text"] == "and live again");
}
