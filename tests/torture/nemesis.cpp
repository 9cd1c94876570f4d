// A fault strikes, lasts, and is healed before the next; only the hubs' own may fall into one of
// the database's.
#include "tests/torture/nemesis.hpp"

#include "tests/support/measurements.hpp"
#include "tests/support/http.hpp"

#include <thread>

namespace torture {

namespace {

using namespace std::chrono_literals;

/// What is promised, as figures for tests/bench. What takes longer here may be the machine's doing;
/// what takes longer than `test::patience` is the hub's.
constexpr auto health_promised = 2s, news_promised = 3s, word_promised = 3s;

/// A hub that stands still within a commit is in the others' way for five seconds at most.
constexpr auto others_promised = 8s;

constexpr std::size_t mebibyte = 1 << 20;

std::size_t most_memory() {
  return (test::is_instrumented() ? 2048 : 192) * mebibyte;
}

std::chrono::milliseconds since(clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - then);
}

} // namespace

nemesis::nemesis(stage& on, world& notes, herald& words, std::uint64_t seed)
    : stage_{on}, where_{notes}, words_{words}, dice_{seed}, hub_faults_{hub_faults()},
      database_faults_{database_faults()}, down_(on.hubs()) {}

void nemesis::run(std::chrono::seconds time) {
  for (auto end = clock::now() + time; clock::now() < end;) {
    watch(std::chrono::milliseconds{dice_.between(50, 800)});
    const bool hub = dice_.chance(stage_.kind() == database_kind::sqlite ? 0.6 : 0.3);
    database_hurt_ = !hub;
    strike(dice_.pick(hub ? hub_faults_ : database_faults_));
    if (!hub)
      demand_flow();
    database_hurt_ = false;
    if (stage_.hubs() > 1 && dice_.chance(0.5))
      demand_word(word_promised);
  }
}

void nemesis::strike(const fault& what) {
  auto began = clock::now();
  auto at = history_.size();
  history_.push_back(where_.notes.time(began) + "  " + what.name);
  try {
    what.strike();
  } catch (const std::exception& error) {
    where_.notes.violation("in the fault \"" + what.name + "\": " + error.what());
    lock_.reset();
    for (std::size_t i = 0; i < stage_.hubs(); ++i) {
      if (down_[i])
        start_hub(i);
      if (stage_.kind() == database_kind::postgresql)
        stage_.proxy(i).heal();
    }
    if (stage_.kind() == database_kind::postgresql)
      stage_.cluster().start();
  }
  history_[at] += ", for " + std::to_string(since(began).count()) + " ms";
  where_.notes.count("faults: " + what.name);
}

std::function<void()> nemesis::for_a_while(std::function<void()> hurt, std::function<void()> heal) {
  return [this, hurt = std::move(hurt), heal = std::move(heal)] {
    hurt();
    watch(some_time());
    if (dice_.chance(0.25)) {
      strike(dice_.pick(hub_faults_));
      watch(some_time() / 4);
    }
    heal();
  };
}

std::chrono::milliseconds nemesis::some_time() {
  return dice_.chance(0.6) ? std::chrono::milliseconds{dice_.between(10, 400)}
                           : std::chrono::milliseconds{dice_.between(400, 4000)};
}

void nemesis::watch(std::chrono::milliseconds time) {
  const auto end = clock::now() + time;
  do {
    for (std::size_t i = 0; i < stage_.hubs(); ++i) {
      if (down_[i])
        continue;
      if (auto& server = stage_.hub(i).server(); !server.running()) {
        where_.notes.violation("a hub ended by itself with " + std::to_string(server.wait()) +
                               ":\n" + server.log());
        start_hub(i);
      }
      auto resident = stage_.hub(i).resident();
      if (resident > most_memory() && largest_ <= most_memory())
        where_.notes.violation("a hub has " + std::to_string(resident / mebibyte) + " MiB");
      largest_ = std::max(largest_, resident);
    }
    std::this_thread::sleep_for(std::min<clock::duration>(50ms, end - clock::now()));
  } while (clock::now() < end);
}

// -- what the hubs owe ----------------------------------------------------------------------------

/// From the moment the database is back: /health says so, and something new is shown.
void nemesis::demand_flow() {
  const auto healed = clock::now();
  std::optional<std::chrono::milliseconds> health, news;
  while ((!health || !news) && since(healed) < test::patience) {
    if (!health && healthy())
      health = since(healed);
    if (!news && where_.notes.last_news() > healed)
      news = since(healed);
    watch(5ms);
  }
  if (!health)
    where_.notes.violation("/health is not healthy again");
  if (!news)
    where_.notes.violation("nothing new is shown");
  const auto waited = since(healed);
  worst_.health = std::max(worst_.health, health.value_or(waited));
  worst_.news = std::max(worst_.news, news.value_or(waited));
  test::record_measurement("/health after the database's return, in the storm", health_promised,
                    health.value_or(waited));
  test::record_measurement("news after the database's return, in the storm", news_promised,
                    news.value_or(waited));
  history_.push_back(where_.notes.time() + "    healthy after " +
                     std::to_string(health.value_or(waited).count()) + " ms, news after " +
                     std::to_string(news.value_or(waited).count()) + " ms");
}

/// While one of them stands still, wherever in its work that is. What is shown may be stored long
/// since, so the table is asked.
void nemesis::demand_others() {
  const auto table = stage_.session();
  auto newest = [&table] {
    return std::stoll(table->sql("select coalesce(max(id), 0) from messages")[0][0]);
  };
  const auto began = clock::now();
  watch(100ms); // for what was on its way
  const auto before = newest();
  while (newest() == before && since(began) < test::patience)
    watch(20ms);
  if (newest() == before)
    where_.notes.violation("nothing new is stored while one hub of several stands still");
  worst_.others = std::max(worst_.others, since(began));
  test::record_measurement("others' messages while a hub stands still", others_promised, since(began));
}

/// Every hub shows what was said at another, though it has nothing to commit by itself.
void nemesis::demand_word(std::chrono::seconds promised) {
  where_.hush = true;
  watch(150ms);
  try {
    const auto took = words_.carry(test::patience);
    worst_.word = std::max(worst_.word, took);
    test::record_measurement("a word from one hub to all", promised, took);
    where_.notes.count("words carried");
  } catch (const std::exception& error) {
    where_.notes.violation(error.what());
  }
  where_.hush = false;
}

bool nemesis::healthy() {
  for (std::size_t i = 0; i < stage_.hubs(); ++i)
    if (!healthy(i))
      return false;
  return true;
}

bool nemesis::healthy(std::size_t hub) {
  try {
    return test::fetch(stage_.hub(hub).port(), "/health").status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace torture
