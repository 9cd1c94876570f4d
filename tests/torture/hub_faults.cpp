// How the hubs are hurt: at times all, mostly one of them.
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

/// In the order in which they are to be hurt.
std::vector<std::size_t> nemesis::some_hubs() {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < stage_.hubs(); ++i)
    all.insert(all.begin() + dice_.between<std::ptrdiff_t>(0, std::ssize(all)), i);
  if (dice_.chance(0.8))
    all.resize(dice_.between<std::size_t>(1, std::max<std::size_t>(1, all.size() - 1)));
  if (stage_.hubs() > 1)
    for (auto which : all)
      history_.back() += ' ' + std::to_string(which + 1);
  return all;
}

void nemesis::kill_hubs() {
  const auto victims = some_hubs();
  for (auto which : victims) {
    down_[which] = true;
    stage_.hub(which).kill();
  }
  watch(some_time() / 3);
  for (auto which : victims)
    start_hub(which);
}

/// One after the other, as one deploys.
void nemesis::stop_hubs() {
  for (auto which : some_hubs()) {
    stop_hub(which);
    watch(some_time() / 3);
    start_hub(which);
  }
}

void nemesis::stop_hub(std::size_t which) {
  // While the database is away the hub cannot store what it has, and says so by its exit code.
  const bool must_store = !database_hurt_ && healthy(which);
  down_[which] = true;
  auto& hub = stage_.hub(which);
  auto began = clock::now();
  try {
    auto code = hub.stop();
    if (code != 0 && (must_store || code != 1))
      where_.notes.violation("a hub ended with " + std::to_string(code) + " on SIGTERM:\n" +
                             hub.server().log());
  } catch (const test::timeout&) {
    where_.notes.violation("a hub did not end after SIGTERM:\n" + hub.server().log());
    hub.kill();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
  worst_.stop = std::max(worst_.stop, took);
  where_.notes.count("stops, ms in all", took.count());
}

void nemesis::pause_hubs() {
  const auto victims = some_hubs();
  for (auto which : victims)
    stage_.hub(which).pause();
  if (victims.size() < stage_.hubs() && !database_hurt_)
    demand_others();
  watch(some_time());
  for (auto which : victims)
    stage_.hub(which).resume();
}

void nemesis::start_hub(std::size_t which) {
  if (stage_.hubs() == 1)
    ++where_.hub;
  stage_.hub(which).start();
  down_[which] = false;
}

} // namespace torture
