// A fault strikes, lasts, and is healed before the next; only the hub's own may fall into one of
// the database's.
#include "tests/torture/nemesis.hpp"

#include <csignal>
#include <thread>

namespace torture {

namespace {

using namespace std::chrono_literals;

/// Two seconds are promised; the rest is the machine's, which may be busy.
constexpr auto patience = 3s;

constexpr std::size_t mebibyte = 1 << 20;
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t most_memory = 2048 * mebibyte;
#else
constexpr std::size_t most_memory = 192 * mebibyte;
#endif

std::chrono::milliseconds since(clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - then);
}

} // namespace

nemesis::nemesis(stage& on, world& notes, std::uint64_t seed)
    : stage_{on}, where_{notes}, dice_{seed}, hub_faults_{hub_faults()},
      database_faults_{database_faults()}, healed_{clock::now()} {}

std::vector<nemesis::fault> nemesis::hub_faults() {
  return {{"the hub is killed", [this] { kill_hub(); }},
          {"the hub is stopped", [this] { stop_hub(); }},
          {"the hub is paused", [this] { pause_hub(); }}};
}

std::vector<nemesis::fault> nemesis::database_faults() {
  if (stage_.kind() == database_kind::sqlite)
    return {{"the file is locked", [this] { lock_file(); }}};
  auto& cluster = stage_.cluster();
  auto& proxy = stage_.proxy();
  auto start = [&cluster] { cluster.start(); };
  auto cut = [this, &proxy] {
    auto before = proxy.cuts_done();
    proxy.cut_commits(dice_.between(1, 6));
    for (auto end = clock::now() + 2s; proxy.cuts_left() > 0 && clock::now() < end;)
      watch(5ms);
    where_.notes.count("commits cut", proxy.cuts_done() - before);
  };
  auto terminate = [this, &cluster] {
    auto admin = cluster.session("torture");
    for (int left = dice_.between(1, 8); left > 0; --left) {
      admin->sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'torture' "
                 "and pid <> pg_backend_pid()" +
                 std::string{dice_.chance(0.5) ? " order by random() limit 1" : ""});
      watch(std::chrono::milliseconds{dice_.between(1, 150)});
    }
  };
  auto heal = [&proxy] { proxy.heal(); };
  return {
      {"PostgreSQL is killed", for_a_while([&cluster] { cluster.kill(); }, start)},
      {"PostgreSQL is stopped fast", for_a_while([&cluster] { cluster.stop(); }, start)},
      {"PostgreSQL is stopped at once",
       for_a_while([&cluster] { cluster.stop(test::stop_mode::immediate); }, start)},
      {"PostgreSQL is restarted", [&cluster] { cluster.restart(); }},
      {"PostgreSQL is paused", for_a_while([&cluster] { cluster.pause(); }, start)},
      {"sessions are terminated", terminate},
      {"commits are cut", for_a_while(cut, heal)},
      {"commits are cut again", for_a_while(cut, heal)}, // twice as often as the others
      {"the line is stalled", for_a_while([&proxy] { proxy.stall(true); }, heal)},
      {"half of the lines are stalled", for_a_while([&proxy] { proxy.stall_some(true); }, heal)},
      {"the line is refused", for_a_while([&proxy] { proxy.refuse(true); }, heal)},
      {"the line flickers", for_a_while([&proxy] { proxy.flicker(true); }, heal)},
  };
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

void nemesis::run(std::chrono::seconds time) {
  for (auto end = clock::now() + time; clock::now() < end;) {
    watch(std::chrono::milliseconds{dice_.between(50, 800)});
    const bool hub = dice_.chance(stage_.kind() == database_kind::sqlite ? 0.6 : 0.3);
    database_hurt_ = !hub;
    strike(dice_.pick(hub ? hub_faults_ : database_faults_));
    if (!hub)
      demand_flow();
    database_hurt_ = false;
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
    if (hub_is_down_)
      start_hub();
    if (stage_.kind() == database_kind::postgresql) {
      stage_.proxy().heal();
      stage_.cluster().start();
    }
  }
  history_[at] += ", for " + std::to_string(since(began).count()) + " ms";
  where_.notes.count("faults: " + what.name);
}

std::chrono::milliseconds nemesis::some_time() {
  return dice_.chance(0.6) ? std::chrono::milliseconds{dice_.between(10, 400)}
                           : std::chrono::milliseconds{dice_.between(400, 4000)};
}

// -- the hub --------------------------------------------------------------------------------------

void nemesis::kill_hub() {
  hub_is_down_ = true;
  stage_.hub().kill();
  watch(some_time() / 3);
  start_hub();
}

void nemesis::stop_hub() {
  // While the database is away the hub cannot store what it has, and says so by its exit code.
  const bool must_store = !database_hurt_ && since(healed_) > 2s;
  hub_is_down_ = true;
  auto began = clock::now();
  try {
    auto code = stage_.hub().stop(SIGTERM, 10s);
    if (code != 0 && (must_store || code != 1))
      where_.notes.violation("the hub ended with " + std::to_string(code) + " on SIGTERM:\n" +
                             stage_.hub().server().log());
  } catch (const test::timeout&) {
    where_.notes.violation("the hub did not end within 10 s of SIGTERM:\n" +
                           stage_.hub().server().log());
    stage_.hub().kill();
  }
  where_.notes.count("stops, ms in all", since(began).count());
  watch(some_time() / 3);
  start_hub();
}

void nemesis::pause_hub() {
  stage_.hub().pause();
  std::this_thread::sleep_for(some_time());
  stage_.hub().resume();
}

void nemesis::start_hub() {
  ++where_.hub;
  stage_.hub().start();
  hub_is_down_ = false;
}

void nemesis::watch(std::chrono::milliseconds time) {
  const auto end = clock::now() + time;
  do {
    if (!hub_is_down_) {
      if (auto& server = stage_.hub().server(); !server.running()) {
        where_.notes.violation("the hub ended by itself with " + std::to_string(server.wait()) +
                               ":\n" + server.log());
        start_hub();
      }
      auto resident = stage_.hub().resident();
      if (resident > most_memory && largest_ <= most_memory)
        where_.notes.violation("the hub has " + std::to_string(resident / mebibyte) + " MiB");
      largest_ = std::max(largest_, resident);
    }
    std::this_thread::sleep_for(std::min<clock::duration>(50ms, end - clock::now()));
  } while (clock::now() < end);
}

// -- the database ---------------------------------------------------------------------------------

void nemesis::lock_file() {
  for_a_while(
      [this] {
        lock_ = stage_.session();
        lock_->sql("begin immediate");
      },
      [this] { lock_.reset(); })();
}

/// From the moment the database is back: /health says so, and something new is shown.
void nemesis::demand_flow() {
  healed_ = clock::now();
  std::optional<std::chrono::milliseconds> health, news;
  while ((!health || !news) && since(healed_) < patience) {
    if (!health && healthy())
      health = since(healed_);
    if (!news && where_.notes.last_news() > healed_)
      news = since(healed_);
    watch(5ms);
  }
  if (!health)
    where_.notes.violation("/health is not healthy again");
  if (!news)
    where_.notes.violation("nothing new is shown");
  worst_health_ = std::max(worst_health_, health.value_or(patience));
  worst_pause_ = std::max(worst_pause_, news.value_or(patience));
  history_.push_back(where_.notes.time() + "    healthy after " +
                     std::to_string(health.value_or(patience).count()) + " ms, news after " +
                     std::to_string(news.value_or(patience).count()) + " ms");
}

bool nemesis::healthy() {
  try {
    return test::fetch(stage_.hub().port(), "/health", 1s).status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace torture
