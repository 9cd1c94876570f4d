// Someone in a room of the hub: a WebSocket that has read its init frame, and what people do with
// it. Knows the hub's frames, and nothing of how they come to be.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/ws_client.hpp"

namespace test {

using nlohmann::json;

/// In the room when its constructor returns. Presence frames are read over, except by `presence`.
class visitor : public ws_client {
public:
  explicit visitor(const hub& where, const std::string& query = "", const connect_options& how = {},
                   const headers& fields = {});

  /// The first frame.
  json init;

  std::string id() const { return init.at("connection_id"); }

  /// Sends a message, with a key if it is not empty.
  void say(const std::string& text, const std::string& key = "");

  /// Sends one message a text, all in one piece.
  void say_all(const std::vector<std::string>& texts);

  /// The next frame, which has to be of that type.
  json gets(const std::string& type, deadline until = patience);

  /// The next message.
  json hears(deadline until = patience) { return gets("message", until); }

  /// The texts of the next messages.
  std::vector<std::string> hears_texts(std::size_t count, deadline until = patience);

  /// The next frame, whatever it is but presence; null if none came in time.
  json hears_any(deadline until = patience);

  /// The number of people in the next presence frame.
  int presence(deadline until = patience);
};

/// Consecutive texts: "<word> 1", "<word> 2"…
std::vector<std::string> numbered(const std::string& word, std::size_t count);

/// The values of one field of many objects.
template<class Value>
std::vector<Value> each(const json& objects, const std::string& field) {
  std::vector<Value> found;
  for (auto& object : objects)
    found.push_back(object.at(field).get<Value>());
  return found;
}

} // namespace test
