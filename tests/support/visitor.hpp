// A client in a room of the hub: a WebSocket that has received its init frame. Knows the hub's
// frames. Must not know how the hub makes them.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/ws_client.hpp"

namespace test {

using nlohmann::json;

/// The kernel of the hub's machine buffers about 100 KB for such a client, instead of up to 4 MB:
/// it reads little at once, and its segments are small. So it falls behind after few messages.
inline const connect_options small_buffers{.receive_buffer = 2048, .segment = 536};

/// A chat client. It is in the room when the constructor returns. All functions but `presence` skip
/// presence frames.
class visitor : public ws_client {
public:
  explicit visitor(const hub& where, const std::string& query = "", const connect_options& how = {},
                   const headers& fields = {});

  /// The init frame, the first frame of the connection.
  json init;

  std::string id() const { return init.at("connection_id"); }

  /// Sends a message. An empty key is left out.
  void say(const std::string& text, const std::string& key = "");

  /// Sends one message for each text, all with one write.
  void say_all(const std::vector<std::string>& texts);

  /// Sends a message to that room. An empty key is left out.
  void say_in(const std::string& room, const std::string& text, const std::string& key = "");

  /// Sends all frames with one write.
  void send_all(const std::vector<json>& frames);

  /// Subscribes to the room and returns the answer, the next frame. `more` has further fields of
  /// the request.
  json enter(const std::string& room, const json& more = json::object());

  /// Ends the subscription and returns the answer, the next frame.
  json leave_room(const std::string& room);

  /// The next frame. Throws if it is not of that type.
  json gets(const std::string& type, deadline until = patience);

  /// The next message.
  json hears(deadline until = patience) { return gets("message", until); }

  /// The texts of the next messages.
  std::vector<std::string> hears_texts(std::size_t count, deadline until = patience);

  /// The next frame of any type but presence, or null if none arrives in time.
  json hears_any(deadline until = patience);

  /// The number of clients in the next presence frame.
  int presence(deadline until = patience);
};

/// The frames that a client sends about a room. `more` has further fields of the frame.
json subscribe(const std::string& room, const json& more = json::object());
json unsubscribe(const std::string& room);
json message_in(const std::string& room, const std::string& text, const std::string& key = "");

/// The texts "<word> 1", "<word> 2" and so on.
std::vector<std::string> numbered(const std::string& word, std::size_t count);

/// The value of one field in each of many objects.
template<class Value>
std::vector<Value> each(const json& objects, const std::string& field) {
  std::vector<Value> found;
  for (auto& object : objects)
    found.push_back(object.at(field).get<Value>());
  return found;
}

} // namespace test
