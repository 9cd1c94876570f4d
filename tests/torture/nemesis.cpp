// Each fault is undone before the next one begins. Only a fault of the hubs may happen during a
// fault of the database.
#include "tests/torture/nemesis.hpp"

#include "tests/support/http.hpp"
#include "tests/support/measurements.hpp"

#include <thread>

namespace torture {

namespace {

using namespace std::chrono_literals;

/// Promised times, recorded as measurements for tests/bench. A longer time may be the fault of the
/// machine; a time longer than `test::patience` is a violation.
constexpr auto health_promised = 2s, news_promised = 3s, propagation_promised = 3s;

/// A hub that is paused within a commit blocks the others for at most five seconds. Three more
/// seconds are for the messages that are stored after that.
constexpr auto progress_promised = 8s;

constexpr std::size_t mebibyte = 1 << 20;

std::size_t most_memory() {
  return (test::is_instrumented() ? 2048 : 192) * mebibyte;
}

std::chrono::milliseconds since(clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - then);
}

} // namespace

nemesis::nemesis(testbed& on, shared_state& shared, propagation_probe& probe, std::uint64_t seed)
    : testbed_{on}, shared_{shared}, probe_{probe}, random_{seed}, hub_faults_{hub_faults()},
      database_faults_{database_faults()}, down_(on.hubs()) {}

void nemesis::run(std::chrono::seconds time) {
  for (auto end = clock::now() + time; clock::now() < end;)
    strike_once();
}

void nemesis::strike_once() {
  watch(std::chrono::milliseconds{random_.between(50, 800)});
  const bool hub = random_.chance(testbed_.kind() == database_kind::sqlite ? 0.6 : 0.3);
  database_hurt_ = !hub;
  strike(random_.pick(hub ? hub_faults_ : database_faults_));
  if (!hub)
    demand_flow();
  database_hurt_ = false;
  if (testbed_.hubs() > 1 && random_.chance(0.5))
    demand_propagation();
}

void nemesis::strike(const fault& what) {
  auto began = clock::now();
  auto at = history_.size();
  history_.push_back(shared_.found.time(began) + "  " + what.name);
  try {
    what.strike();
  } catch (const std::exception& error) {
    shared_.found.violation("in the fault \"" + what.name + "\": " + error.what());
    lock_.reset();
    for (std::size_t i = 0; i < testbed_.hubs(); ++i) {
      if (down_[i])
        start_hub(i);
    }
    testbed_.heal_proxies();
    if (testbed_.kind() == database_kind::postgresql)
      testbed_.cluster().start();
  }
  history_[at] += ", for " + std::to_string(since(began).count()) + " ms";
  shared_.found.count("faults: " + what.name);
}

std::function<void()> nemesis::for_a_while(std::function<void()> hurt, std::function<void()> heal) {
  return [this, hurt = std::move(hurt), heal = std::move(heal)] {
    hurt();
    watch(some_time());
    if (random_.chance(0.25)) {
      strike(random_.pick(hub_faults_));
      watch(some_time() / 4);
    }
    heal();
  };
}

std::chrono::milliseconds nemesis::some_time() {
  return random_.chance(0.6) ? std::chrono::milliseconds{random_.between(10, 400)}
                             : std::chrono::milliseconds{random_.between(400, 4000)};
}

void nemesis::watch(std::chrono::milliseconds time) {
  const auto end = clock::now() + time;
  do {
    for (std::size_t i = 0; i < testbed_.hubs(); ++i) {
      if (down_[i])
        continue;
      if (auto& server = testbed_.hub(i).server(); !server.running()) {
        shared_.found.violation("a hub ended by itself with " + std::to_string(server.wait()) +
                                ":\n" + server.log());
        start_hub(i);
      }
      auto resident = testbed_.hub(i).resident();
      if (resident > most_memory() && largest_ <= most_memory())
        shared_.found.violation("a hub has " + std::to_string(resident / mebibyte) + " MiB");
      largest_ = std::max(largest_, resident);
    }
    std::this_thread::sleep_for(std::min<clock::duration>(50ms, end - clock::now()));
  } while (clock::now() < end);
}

// -- what the hubs promise ------------------------------------------------------------------------

/// After the database came back, /health becomes 200 and new messages are shown.
void nemesis::demand_flow() {
  demand_flow("the database's return", health_promised, news_promised);
}

void nemesis::demand_flow(const std::string& after, std::chrono::seconds health_promised,
                          std::chrono::seconds news_promised) {
  const auto healed = clock::now();
  std::optional<std::chrono::milliseconds> health, news;
  while ((!health || !news) && since(healed) < test::patience) {
    if (!health && healthy())
      health = since(healed);
    if (!news && shared_.found.last_news() > healed)
      news = since(healed);
    watch(5ms);
  }
  if (!health)
    shared_.found.violation("/health is not healthy again:\n" + unhealthy_log());
  if (!news)
    shared_.found.violation("nothing new is shown");
  const auto waited = since(healed);
  worst_.health = std::max(worst_.health, health.value_or(waited));
  worst_.news = std::max(worst_.news, news.value_or(waited));
  test::record_measurement("/health after " + after + ", in the storm", health_promised,
                           health.value_or(waited));
  test::record_measurement("a new message after " + after + ", in the storm", news_promised,
                           news.value_or(waited));
  history_.push_back(shared_.found.time() + "    healthy after " +
                     std::to_string(health.value_or(waited).count()) + " ms, news after " +
                     std::to_string(news.value_or(waited).count()) + " ms");
}

/// The other hubs store messages while one is paused, wherever in its work it was paused. What is
/// shown may have been stored earlier, so the table is queried.
void nemesis::demand_progress() {
  const auto table = testbed_.session();
  auto newest = [&table] { return newest_id(*table); };
  const auto began = clock::now();
  watch(100ms); // until messages in flight are stored
  const auto before = newest();
  while (newest() == before && since(began) < test::patience)
    watch(20ms);
  if (newest() == before)
    shared_.found.violation("nothing new is stored while one hub of several is paused");
  worst_.progress = std::max(worst_.progress, since(began));
  test::record_measurement("the others' messages while one hub is paused", progress_promised,
                           since(began));
}

void nemesis::demand_propagation() {
  demand_propagation(propagation_promised);
}

/// Every hub shows the messages of the others, even if it has nothing to commit itself.
void nemesis::demand_propagation(std::chrono::seconds promised) {
  shared_.quiet = true;
  watch(150ms);
  try {
    const auto took = probe_.measure(test::patience);
    worst_.propagation = std::max(worst_.propagation, took);
    test::record_measurement("a message from one hub to all hubs", promised, took);
    shared_.found.count("probes that reached all hubs");
  } catch (const std::exception& error) {
    shared_.found.violation(error.what());
  }
  shared_.quiet = false;
}

row_id nemesis::newest_id(test::sql_session& from) {
  return std::stoll(from.sql("select coalesce(max(id), 0) from messages")[0][0]);
}

void nemesis::wait_until(const std::string& what, const std::function<bool()>& yes) {
  const auto began = clock::now();
  while (!yes()) {
    if (since(began) > test::patience)
      throw test::timeout{"timed out waiting for " + what};
    watch(20ms);
  }
}

/// The log of a hub that is not healthy.
std::string nemesis::unhealthy_log() {
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    if (!healthy(i))
      return testbed_.hub(i).server().log();
  return "all hubs are healthy now";
}

bool nemesis::healthy() {
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    if (!healthy(i))
      return false;
  return true;
}

bool nemesis::healthy(std::size_t hub) {
  try {
    return test::fetch(testbed_.hub(hub).port(), "/health").status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace torture
