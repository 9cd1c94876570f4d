// What the tests of the broadcaster share: messages in a room, and a session that catches up.
#pragma once

#include "tests/actors/stage.hpp"

namespace test {

inline std::vector<row_id> upto(row_id from, row_id to) {
  std::vector<row_id> out;
  for (; from <= to; ++from)
    out.push_back(from);
  return out;
}

/// Plays a session that has written its last delivery.
inline void written(whole_hub& hub, session_ref client) {
  const auto& last = hub.sink.last[client];
  caf::anon_send(hub.clients.at(client), delivery_request{1, last.cursor, last.known_fork});
}

/// Plays a session that writes each delivery at once, until it is live.
inline void catch_up(whole_hub& hub, session_ref client) {
  hub.run();
  for (int pages = 0; !hub.sink.last[client].live; ++pages) {
    REQUIRE(pages < 1000);
    written(hub, client);
    hub.run();
  }
}

/// Stores this many messages, said by client 99 in the lobby.
inline void fill(whole_hub& hub, int messages) {
  hub.enter(99);
  hub.run();
  for (int i = 0; i < messages; ++i) {
    hub.say(99, "m" + std::to_string(i));
    if (i % 7 == 0)
      hub.run();
  }
  hub.run();
}

/// The name of the log, after `fill`.
inline std::string log_of(whole_hub& hub) {
  return hub.sink.got[99][0]["log"];
}

} // namespace test
