// permessage-deflate (RFC 7692): which clients get compressed messages, and what the hub inflates.
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

TEST_CASE(
    "with DEFLATE on, a client that offers it gets compressed messages, and other clients do not") {
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

TEST_CASE("a message that compression does not make smaller is sent uncompressed") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto alice = visitor_offering(hub, browser);
  alice.send_json({{"type", "message"}}); // an error goes to one client and is framed for it alone
  CHECK(alice.gets("error")["code"] == "no_text");
  alice.say("short");
  CHECK(alice.hears()["text"] == "short");
}

TEST_CASE("with DEFLATE off, an offer is declined") {
  sqlite db;
  hub hub{db};
  auto alice = visitor_offering(hub, browser);
  CHECK(alice.extension().empty());
  alice.send_frame(compressed_message("compressed all the same"));
  CHECK(alice.next_close().code == 1002);
}

TEST_CASE("the hub inflates compressed messages, fragmented ones too") {
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
    alice.say("plain"); // each message may be compressed or not (section 6)
    CHECK(alice.hears()["text"] == "plain");
  }
}

TEST_CASE("an offer with a smaller window than the hub's compressor uses is declined") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  for (const auto* bits : {"8", "9", "11", "0", "nonsense"})
    CHECK(visitor_offering(hub,
                           offer("permessage-deflate; server_max_window_bits=" + std::string{bits}))
              .extension()
              .empty());
  auto alice = visitor_offering(hub, offer("permessage-deflate; server_max_window_bits=12"));
  CHECK(alice.extension().find("server_max_window_bits=12") != std::string::npos);
  std::string far; // its repetition is out of the reach of a smaller window
  for (int i = 0; far.size() < 900; ++i)
    far += std::to_string(i * 7919);
  alice.window_bits(12);
  alice.say(far.substr(0, 450) + far.substr(0, 450));
  CHECK(alice.hears()["text"] == far.substr(0, 450) + far.substr(0, 450));
  CHECK(alice.compressed() == 1);
}

TEST_CASE("a message that inflates past the frame limit closes with 1009") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto bomber = visitor_offering(hub, browser);
  visitor bystander{hub};
  bomber.send_frame({opcode::text, deflated(std::string(8 << 20, ' ')), true, 4});
  CHECK(bomber.next_close().code == 1009);
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
}

TEST_CASE("a message that does not inflate ends only its connection") {
  sqlite db;
  hub hub{db, {{"DEFLATE", "true"}}};
  auto broken = visitor_offering(hub, browser);
  visitor bystander{hub};
  broken.send_frame({opcode::text, "\xff\xff\xff\xff", true, 4});
  broken.next_close();
  bystander.say("unharmed");
  CHECK(bystander.hears()["text"] == "unharmed");
}

TEST_CASE("a reader with compression that falls behind loses nothing") {
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
