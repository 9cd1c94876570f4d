// Presence alone: counts, newcomers, and the other hubs.
#include "actors/presence.hpp"
#include "tests/actors/recording_sink.hpp"

using namespace test;

namespace {

struct fake_peers final : peer_hubs {
  peer_update wait() override { return {}; }
  void publish(const std::vector<room_count>& local_counts) override {
    for (const auto& [room, online] : local_counts)
      published[room] = online;
  }
  void stop() override {}
  std::map<std::string, std::int64_t> published;
};

struct presence_stage {
  std::map<std::string, room_people> rooms;
  std::vector<std::string> announcements; ///< The rooms of the scheduled announcements.
  int reports = 0;                        ///< Scheduled reports.
  std::shared_ptr<fake_peers> peers = std::make_shared<fake_peers>();
  presence people{peers,
                  {[this](const std::string& room, room_ref) { announcements.push_back(room); },
                   [this] { ++reports; },
                   [this](const std::string& room) {
                     const auto at = rooms.find(room);
                     return at == rooms.end() ? nullptr : &at->second;
                   }}};

  room_people& join(const std::string& room) {
    const auto at = rooms.try_emplace(room).first;
    people.joined(at->first, at->second);
    return at->second;
  }
};

} // namespace

TEST_CASE("all changes within a second share one announcement and one report") {
  presence_stage stage;
  auto& lobby = stage.join("lobby");
  stage.join("lobby");
  stage.join("den");
  CHECK(stage.announcements == std::vector<std::string>{"lobby", "den"});
  CHECK(stage.reports == 1);
  CHECK(stage.people.announce("lobby", lobby).value().json.find(R"("online":2)") !=
        std::string::npos);
  stage.people.report();
  CHECK(stage.peers->published == std::map<std::string, std::int64_t>{{"den", 1}, {"lobby", 2}});
  stage.join("lobby");
  CHECK(stage.announcements.size() == 3);
  CHECK(stage.reports == 2);
}

TEST_CASE("a number that has not changed is told to the newcomers alone") {
  presence_stage stage;
  recording_sink sink;
  sink.live[{5, 1}] = 1;
  auto& lobby = stage.join("lobby");
  CHECK(stage.people.announce("lobby", lobby));
  stage.people.add_newcomer("lobby", lobby, {&sink, 5, 1, encoding::plain});
  CHECK_FALSE(stage.people.announce("lobby", lobby));
  REQUIRE(sink.got[5].size() == 1);
  CHECK(sink.got[5][0]["online"] == 1);
}

TEST_CASE("the people of other hubs count, and a snapshot empties the rooms that it leaves out") {
  presence_stage stage;
  auto& lobby = stage.join("lobby");
  stage.announcements.clear();
  lobby.announcing = false;
  peer_presence update{{{"lobby", 3}, {"elsewhere", 2}}, false, false};
  stage.people.apply_remote(update);
  CHECK(stage.announcements == std::vector<std::string>{"lobby"});
  CHECK(stage.people.in_peers("elsewhere") == 2);
  CHECK(stage.people.announce("lobby", lobby).value().json.find(R"("online":4)") !=
        std::string::npos);
  peer_presence snapshot{{{"elsewhere", 2}}, true, false};
  stage.people.apply_remote(snapshot);
  CHECK(stage.people.in_peers("lobby") == 0);
  CHECK(stage.announcements.size() == 2);
}

TEST_CASE("the fullest rooms are listed, and a room that has ended is reported as empty") {
  presence_stage stage;
  stage.join("den");
  stage.join("lobby");
  stage.join("lobby");
  const auto stats = stage.people.stats("the log");
  REQUIRE(stats.fullest.size() == 2);
  CHECK(stats.fullest[0].room == "lobby");
  CHECK(stats.members == 3);
  stage.people.left("den", stage.rooms["den"]);
  stage.rooms.erase("den");
  stage.people.report();
  CHECK(stage.peers->published["den"] == 0);
  CHECK(stage.people.stats("the log").rooms == 1);
}
