// What a client is told about messages that the log has lost.
#pragma once

#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <set>

namespace test {

/// The least distance between the last id before a fork and the first id after it.
inline constexpr std::int64_t fork_distance = std::int64_t{1} << 32;

/// Sends a message with a key and returns its id. Skips frames about forks.
inline std::int64_t stored(visitor& who, const std::string& text, const std::string& key) {
  who.say(text, key);
  std::int64_t id = 0;
  std::set<std::string> got;
  while (!got.contains("ack") || !got.contains("message")) {
    const auto frame = who.hears_any();
    const std::string type = frame.at("type");
    if (type == "ack")
      CHECK(frame["key"] == key);
    if (type == "message")
      CHECK(frame["text"] == text);
    if (type != "fork")
      id = frame.at("id");
    got.insert(type);
  }
  return id;
}

/// The next frame about a fork. Skips acks, which do not wait for other frames.
inline json hears_fork(visitor& who) {
  json frame;
  do
    frame = who.hears_any();
  while (frame.is_object() && frame.at("type") == "ack");
  REQUIRE(frame.is_object());
  CHECK(frame.at("type") == "fork");
  return frame;
}

/// The address of a client that comes back with that cursor.
inline std::string from_id(const visitor& before, std::int64_t cursor) {
  return "?after=" + std::to_string(cursor) + "&log=" + before.init.at("log").get<std::string>();
}

/// Checks a frame about a fork, or the field of an init, and returns where ids go on.
inline std::int64_t check_fork(const json& what, std::int64_t after, std::int64_t last_shown) {
  INFO(what.dump());
  CHECK(what.at("after") == after);
  CHECK(what.at("first") >= last_shown + fork_distance);
  return what.at("first");
}

} // namespace test
