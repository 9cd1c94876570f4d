// What happens to messages with data while an older hub works on the same database.
#include "tests/actors/stage.hpp"

using namespace test;

namespace {

using strings = std::vector<std::string>;

struct hub_beside_older : whole_hub {
  void say_data(session_ref client, const std::string& text, const std::string& key) {
    auto bytes = json{{"type", "message"}, {"text", text}, {"data", 1}, {"key", key}}.dump();
    caf::anon_send(clients.at(client), hubbub::frame{std::move(bytes)});
  }

  /// The keys of all errors of the client, which have the code `upgrading`.
  strings refused(session_ref client) {
    strings keys;
    for (const auto& event : sink.got[client])
      if (event["type"] == "error") {
        CHECK(event["code"] == "upgrading");
        keys.push_back(event["key"]);
      }
    return keys;
  }
};

} // namespace

TEST_CASE("a message with data is refused while an older hub lives, and stored after that") {
  hub_beside_older hub;
  hub.enter(1);
  hub.run();
  hub.ingress->log().set_older_hub_lives(true);
  hub.say_data(1, "refused", "a");
  hub.say(1, "plain", "b");
  hub.run();
  CHECK(hub.refused(1) == strings{"a"});
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  hub.ingress->log().set_older_hub_lives(false);
  hub.say_data(1, "stored", "a");
  hub.run();
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.settled[1] == 3);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("messages with data that came before the log was open are refused in their order if an "
          "older hub is found") {
  hub_beside_older hub;
  hub.injected->unavailable = 1;
  hub.injected->older_hub = true;
  hub.enter(1);
  hub.run();
  hub.say_data(1, "first", "a");
  hub.say_data(1, "second", "b");
  hub.say(1, "plain", "c");
  hub.say_data(1, "third", "d");
  hub.say(1, "plain too", "e");
  hub.run();
  CHECK(hub.sink.settled[1] == 0);
  hub.pass(1s);
  CHECK(hub.refused(1) == strings{"a", "b", "d"});
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.sink.settled[1] == 5);
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a message with data whose answer was lost is found, even if an older hub lives now") {
  hub_beside_older hub;
  hub.enter(1);
  hub.run();
  hub.injected->lost_answers = 1;
  hub.say_data(1, "stored", "a");
  hub.run();
  hub.ingress->log().set_older_hub_lives(true);
  hub.pass(1s);
  CHECK(hub.refused(1).empty());
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
}
