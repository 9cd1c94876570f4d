// What operators are told of a fork: what survived, and how many messages are lost at most.
#include "actors/health.hpp"
#include "tests/actors/stage.hpp"

using namespace test;

namespace {

std::optional<fork_report> last_fork(whole_hub& hub) {
  return hub.ingress->log().last_fork();
}

std::uint64_t forks_found(whole_hub& hub) {
  return hub.counters->sum()[counter::log_forks];
}

} // namespace

TEST_CASE("a fork is reported with what survived and how many messages were lost at most") {
  hub_with_client hub;
  CHECK_FALSE(last_fork(hub));
  for (int i = 0; i < 30; ++i)
    hub.say(1, "m");
  hub.run();
  hub.lose_after(18);
  hub.reconnect();
  hub.run();
  const auto one = hub.injected->forks.at(0);
  REQUIRE(last_fork(hub));
  CHECK(last_fork(hub)->fork == one);
  CHECK(last_fork(hub)->lost_at_most == 12);
  CHECK(last_fork(hub)->found_at);
  CHECK(hub.ingress->log().available());
  hub.say(1, "m");
  hub.say(1, "m");
  hub.run();
  hub.lose_after(10); // an older backup: the gap of the first fork does not count
  hub.reconnect();
  hub.run();
  CHECK(last_fork(hub)->lost_at_most == 10);
  CHECK(forks_found(hub) == 2);
}

TEST_CASE("a hub that starts after a fork knows of it, and not what was lost") {
  whole_hub hub;
  hub.injected->forks.push_back({5, 1000});
  hub.enter(1);
  hub.run();
  REQUIRE(last_fork(hub));
  CHECK(last_fork(hub)->fork.after == 5);
  CHECK_FALSE(last_fork(hub)->lost_at_most);
  CHECK_FALSE(last_fork(hub)->found_at);
  CHECK(forks_found(hub) == 0);
  CHECK(hub.sink.events(1, "fork").empty());
}

TEST_CASE("a fork of which nothing is lost is told as an empty one") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.run();
  hub.lose_after(1);
  hub.say(1, "two");
  hub.run();
  CHECK(hub.sink.events(1, "fork").at(0)["after"] == 1);
  REQUIRE(last_fork(hub));
  CHECK(last_fork(hub)->lost_at_most == 0);
}

TEST_CASE("a health check that finds a fork makes persistence open the log again") {
  hub_with_client hub;
  hub.say(1, "one");
  hub.say(1, "two");
  hub.run();
  const auto checker = hub.system.spawn(prober, hub.make_log(), hub.persistence);
  std::vector<std::string> answers;
  const auto check = [&] {
    hub.system.spawn(
        [&answers](caf::event_based_actor* self, const prober_actor& whom) {
          self->request(whom, caf::infinite, probe_atom_v)
              .then([&answers](bool) { answers.emplace_back("well"); },
                    [&answers](const caf::error& e) {
                      answers.push_back(e.context().get_as<std::string>(0));
                    });
        },
        checker);
    hub.run();
  };
  hub.lose_after(1);
  check();
  CHECK(hub.sink.events(1, "fork").size() == 1);
  CHECK(hub.sink.known(1) == std::vector<row_id>{1});
  check();
  caf::anon_send_exit(checker, caf::exit_reason::kill);
  hub.run();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].find("lost messages") != std::string::npos);
  CHECK(answers[1] == "well");
}
