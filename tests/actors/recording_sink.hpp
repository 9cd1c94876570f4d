// A session sink that records what its sessions get.
// Knows: frames, and the JSON in them. Must not know: actors, CAF.
#pragma once

#include "actors/session_sink.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string_view>

namespace test {

using namespace hubbub;
using nlohmann::json;

/// Plays the sessions of one I/O thread: parses the frames that each session gets, and keeps them.
struct recording_sink final : session_sink {
  std::map<session_ref, std::vector<json>> got;
  std::map<session_ref, std::uint32_t> settled, refused;
  std::map<session_ref, std::size_t> settled_bytes;
  std::map<session_ref, delivery> last;
  using subscriber = std::pair<session_ref, subscription_ref>;
  std::map<subscriber, room_ref> live;
  std::vector<subscriber> subscribed, left; ///< The calls of `subscribe` and `unsubscribe`.
  std::vector<std::uint16_t> closes;        ///< The code of each close_all.
  std::vector<std::size_t> batches;         ///< Messages in each publication.
  int publications = 0;
  bool keeps_credit = false; ///< Plays a sink that makes no progress.
  std::vector<batch_credit> credits;

  void publish(room_ref room, encoding, const chunk& what, const batch_credit& credit) override {
    ++publications;
    if (keeps_credit)
      credits.push_back(credit);
    batches.push_back(what.messages);
    for (const auto& [to, where] : live)
      if (where == room)
        take(to.first, *what.bytes);
  }
  void deliver(session_ref to, subscription_ref of, room_ref room, delivery what) override {
    std::string all;
    for (const auto& bytes : what.bytes)
      all += *bytes;
    take(to, all);
    if (what.live)
      live[{to, of}] = room;
    last[to] = std::move(what);
  }
  void reply(session_ref to, std::string bytes, frame_volume done, std::uint32_t faults) override {
    refused[to] += faults;
    take(to, bytes);
    settled[to] += done.frames;
    settled_bytes[to] += done.bytes;
  }
  void notify(session_ref to, subscription_ref of, std::string bytes) override {
    if (live.count({to, of}))
      take(to, bytes);
  }
  void subscribe(session_ref to, subscription_ref of, frame_volume done) override {
    subscribed.push_back({to, of});
    settled[to] += done.frames;
    settled_bytes[to] += done.bytes;
  }
  void unsubscribe(session_ref to, subscription_ref of, std::string bytes,
                   frame_volume done) override {
    live.erase({to, of});
    left.push_back({to, of});
    take(to, bytes);
    settled[to] += done.frames;
    settled_bytes[to] += done.bytes;
  }
  void close_all(std::uint16_t code, std::size_t, std::size_t) override {
    closes.push_back(code);
    live.clear();
  }

  std::vector<row_id> ids(session_ref of) {
    std::vector<row_id> out;
    for (const auto& event : got[of]) {
      if (event["type"] == "init")
        for (const auto& m : event["history"])
          out.push_back(m["id"]);
      if (event["type"] == "message")
        out.push_back(event["id"]);
    }
    return out;
  }

  /// Returns the ids that the client of a session knows in the end: it removes the messages that a
  /// fork has lost. Fails if a message comes twice, or out of order.
  std::vector<row_id> known(session_ref of) {
    std::vector<row_id> out;
    const auto forget = [&out](const json& fork) {
      std::erase_if(out, [&](row_id id) { return id > fork["after"] && id < fork["first"]; });
    };
    const auto add = [&out](row_id id) {
      REQUIRE((out.empty() || out.back() < id));
      out.push_back(id);
    };
    for (const auto& event : got[of]) {
      if (event["type"] == "init") {
        if (event.contains("fork"))
          forget(event["fork"]);
        for (const auto& m : event["history"])
          add(m["id"]);
      } else if (event["type"] == "fork")
        forget(event);
      else if (event["type"] == "message")
        add(event["id"]);
    }
    return out;
  }

  /// Returns the events of one type that a session got.
  std::vector<json> events(session_ref of, const std::string& type) {
    std::vector<json> out;
    for (const auto& event : got[of])
      if (event["type"] == type)
        out.push_back(event);
    return out;
  }

private:
  void take(session_ref to, std::string_view bytes) {
    while (!bytes.empty()) {
      REQUIRE(bytes[0] == char(0x81));
      std::size_t size = bytes[1] & 0x7f, skip = 2;
      for (int more = size == 126 ? 2 : size == 127 ? 8 : 0; more > 0; --more, ++skip)
        size = (skip == 2 ? 0 : size << 8) | static_cast<unsigned char>(bytes[skip]);
      got[to].push_back(json::parse(bytes.substr(skip, size)));
      bytes.remove_prefix(skip + size);
    }
  }
};

} // namespace test
