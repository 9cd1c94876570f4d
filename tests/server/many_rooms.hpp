// A client with many rooms: what it receives, room by room.
#pragma once

#include "tests/support/visitor.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace test {

/// The names "room-1", "room-2" and so on.
inline std::vector<std::string> room_names(std::size_t count, const std::string& word = "room") {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i)
    names.push_back(word + '-' + std::to_string(i));
  return names;
}

/// The fields of a request that resume after that id.
inline json cursor(std::int64_t after, const std::string& log) {
  return {{"after", after}, {"log", log}};
}
inline json cursor(std::int64_t after, const visitor& known) {
  return cursor(after, known.init.at("log").get<std::string>());
}

/// A request for each room.
inline std::vector<json> subscriptions(const std::vector<std::string>& rooms,
                                       const json& more = json::object()) {
  std::vector<json> frames;
  for (const auto& room : rooms)
    frames.push_back(subscribe(room, more));
  return frames;
}

/// The same message to each room.
inline std::vector<json> messages(const std::vector<std::string>& rooms, const std::string& text) {
  std::vector<json> frames;
  for (const auto& room : rooms)
    frames.push_back(message_in(room, text));
  return frames;
}

/// Reads the frames of a client and keeps them apart by their rooms. Throws for a message that is
/// not newer than the one before it in its room, and for one of a room that is not subscribed to.
class room_reader {
public:
  explicit room_reader(visitor& who) : who_{who} { open(who.init); }

  std::map<std::string, json> answers;                   ///< The last `init` or `subscribed`.
  std::map<std::string, std::vector<std::string>> texts; ///< Of the history too.
  std::map<std::string, std::int64_t> last;              ///< The greatest id.
  std::map<std::string, int> online;
  std::vector<json> acks, errors, forks, ended;
  std::size_t messages = 0; ///< Of all rooms, without histories.
  std::size_t bytes = 0;

  void read_one(deadline until = patience) {
    const auto text = who_.next_text(until);
    bytes += text.size();
    handle(json::parse(text));
  }

  /// Reads until `yes` returns true. Throws `timeout` with `what`.
  void until(const std::string& what, const std::function<bool()>& yes) {
    const deadline end = patience;
    try {
      while (!yes())
        read_one(end);
    } catch (const timeout&) {
      throw timeout{"timed out waiting for " + what + ", after " + std::to_string(messages) +
                    " messages"};
    }
  }

  /// Reads until each of these rooms has so many texts.
  void until_each_has(const std::vector<std::string>& rooms, std::size_t count) {
    until("all messages", [&] {
      return std::all_of(rooms.begin(), rooms.end(),
                         [&](const auto& room) { return texts[room].size() >= count; });
    });
  }

  /// Reads until the hub has answered a ping. Frames that the hub had for the client are read then.
  void until_pong() {
    who_.send_json({{"type", "ping"}});
    const auto before = pongs_;
    until("a pong", [&] { return pongs_ > before; });
  }

private:
  void open(const json& answer) {
    const std::string room = answer.at("room");
    answers[room] = answer;
    if (answer.at("resumed") == false)
      last[room] = 0;
    for (const auto& message : answer.at("history"))
      show(message);
  }

  void show(const json& message) {
    const std::string room = message.at("room");
    const std::int64_t id = message.at("id");
    if (!answers.contains(room) || id <= std::exchange(last[room], id))
      throw std::runtime_error{"a message that is not due: " + message.dump()};
    texts[room].push_back(message.at("text"));
  }

  void handle(const json& frame) {
    const std::string type = frame.at("type");
    if (type == "subscribed") {
      open(frame);
    } else if (type == "unsubscribed") {
      answers.erase(frame.at("room").get<std::string>());
      ended.push_back(frame);
    } else if (type == "message") {
      ++messages;
      show(frame);
    } else if (type == "presence") {
      if (!answers.contains(frame.at("room").get<std::string>()))
        throw std::runtime_error{"presence that is not due: " + frame.dump()};
      online[frame["room"]] = frame.at("online");
    } else if (type == "pong") {
      ++pongs_;
    } else {
      (type == "ack" ? acks : type == "error" ? errors : forks).push_back(frame);
    }
  }

  visitor& who_;
  std::size_t pongs_ = 0;
};

} // namespace test
