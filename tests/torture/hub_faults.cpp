// Faults of the hubs: usually of one hub, sometimes of several or all.
#include "tests/torture/nemesis.hpp"

#include <algorithm>
#include <csignal>

namespace torture {

using namespace std::chrono_literals;

std::vector<nemesis::fault> nemesis::hub_faults() {
  return {{"the hub is killed", [this] { kill_hubs(); }},
          {"the hub is stopped", [this] { stop_hubs(); }},
          {"the hub is paused", [this] { pause_hubs(); }}};
}

/// The hubs that a fault affects, in the order in which it affects them.
std::vector<std::size_t> nemesis::some_hubs() {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    all.insert(all.begin() + random_.between<std::ptrdiff_t>(0, std::ssize(all)), i);
  if (random_.chance(0.8))
    all.resize(random_.between<std::size_t>(1, std::max<std::size_t>(1, all.size() - 1)));
  if (testbed_.hubs() > 1)
    for (auto which : all)
      history_.back() += ' ' + std::to_string(which + 1);
  return all;
}

void nemesis::kill_hubs() {
  const auto victims = some_hubs();
  for (auto which : victims) {
    down_[which] = true;
    testbed_.hub(which).kill();
  }
  watch(some_time() / 3);
  for (auto which : victims)
    start_hub(which);
}

/// Stops and starts the hubs one after another, as a rolling deployment does.
void nemesis::stop_hubs() {
  for (auto which : some_hubs()) {
    stop_hub(which);
    watch(some_time() / 3);
    start_hub(which);
  }
}

void nemesis::stop_hub(std::size_t which) {
  // While the database is away, the hub cannot store what it accepted, and exits with 1.
  const bool must_store = !database_hurt_ && healthy(which);
  down_[which] = true;
  auto& hub = testbed_.hub(which);
  auto began = clock::now();
  try {
    auto code = hub.stop();
    if (code != 0 && (must_store || code != 1))
      shared_.found.violation("a hub ended with " + std::to_string(code) + " on SIGTERM:\n" +
                              hub.server().log());
  } catch (const test::timeout&) {
    shared_.found.violation("a hub did not end after SIGTERM:\n" + hub.server().log());
    hub.kill();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
  worst_.stop = std::max(worst_.stop, took);
  shared_.found.count("stops, ms in all", took.count());
}

void nemesis::pause_hubs() {
  const auto victims = some_hubs();
  for (auto which : victims)
    testbed_.hub(which).pause();
  if (victims.size() < testbed_.hubs() && !database_hurt_)
    demand_progress();
  watch(some_time());
  for (auto which : victims)
    testbed_.hub(which).resume();
}

void nemesis::start_hub(std::size_t which) {
  if (testbed_.hubs() == 1)
    ++shared_.hub;
  testbed_.hub(which).start();
  down_[which] = false;
}

} // namespace torture
