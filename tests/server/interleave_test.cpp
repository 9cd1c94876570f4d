// Batches of messages and frames of the protocol go out on the same socket. Here both come at once
// under load. The client fails at the first byte that is out of place.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <list>

using namespace test;

TEST_SUITE_BEGIN("interleave");

namespace {

/// A reader with so small a receive buffer that nearly every write of the hub is a partial one.
struct narrow_reader : visitor {
  explicit narrow_reader(const hub& where) : visitor{where, "", narrow()} {}

  static connect_options narrow() {
    connect_options how;
    how.receive_buffer = 2048;
    return how;
  }

  void say_in_parts(const std::string& text) {
    const auto whole = json{{"type", "message"}, {"text", text}}.dump();
    send_frame({opcode::text, whole.substr(0, 7), false});
    ping("within " + text);
    send_frame({opcode::continuation, whole.substr(7, 9), false});
    send_frame({opcode::continuation, whole.substr(16)});
  }
};

} // namespace

TEST_CASE("pongs, errors and closes are never sent within a message of a batch") {
  constexpr int rounds = 3, burst = 1500, readers = 3;
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "0"}, {"OUTBOX_LIMIT", "1000000"}}};
  std::list<narrow_reader> all;
  for (int i = 0; i < readers; ++i)
    all.emplace_back(hub);
  visitor sender{hub};
  std::string large; // a burst of these is more than the kernel buffers for a reader
  for (int i = 0; i < 990; ++i)
    large += "😀";
  const auto texts = numbered(large, burst);
  for (int round = 1; round <= rounds; ++round) {
    sender.say_all(texts);
    sender.hears_texts(burst); // after this, the hub holds bytes for the other clients
    const auto name = std::to_string(round);
    for (auto& each : all) {
      each.ping(name);
      each.say_in_parts(name);
      each.send_text("no JSON");
    }
    for (auto& each : all) {
      CHECK(each.next_pong() == name);
      CHECK(each.next_pong() == "within " + name);
    }
  }
  constexpr int messages = rounds * (burst + readers);
  for (auto& each : all) {
    std::int64_t last = 0;
    for (int heard = 0, errors = 0; heard < messages || errors < rounds;) {
      const auto frame = each.hears_any();
      REQUIRE(!frame.is_null());
      if (frame["type"] == "error") {
        ++errors;
        continue;
      }
      CHECK(frame["id"].get<std::int64_t>() > last);
      last = frame["id"];
      ++heard;
    }
  }
  all.clear();
  // A client that sends a close has four seconds to read everything up to the answer. If the
  // machine is too slow for that, the next attempt has less to read.
  int judged = 0;
  for (int tries = 0; judged < readers && tries < 8 * readers; ++tries) {
    narrow_reader leaver{hub};
    sender.say_all({texts.begin(), texts.begin() + std::max(10, burst >> tries / readers)});
    const auto began = deadline::clock::now();
    leaver.close(1000);
    const auto end = leaver.next_close();
    if (deadline::clock::now() - began > 3s)
      continue;
    CHECK(end == close_info{1000, ""});
    ++judged;
  }
  CHECK(judged > 0);
}
