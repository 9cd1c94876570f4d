// The torture test: real hubs, a real database, a crowd of clients, and somebody who hurts all of
// it. Heals everything at the end, and judges what came of it.
#include "tests/support/environment.hpp"
#include "tests/torture/checker.hpp"
#include "tests/torture/nemesis.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>
#include <thread>

using namespace torture;
using namespace std::chrono_literals;

namespace {

struct wishes {
  long seconds = 60;
  std::uint64_t seed = static_cast<std::uint64_t>(std::random_device{}()) % 100'000;
  int clients = 40;
  std::size_t hubs = 1;
  database_kind database = database_kind::postgresql;
};

/// Seconds that healing, reading on and judging may take beyond the storm.
constexpr long rest = 1'300;

[[noreturn]] void usage() {
  std::cerr << "torture [--seconds 60] [--seed N] [--database postgresql|sqlite] [--clients 40] "
               "[--hubs 1]\n"
               "several hubs share one PostgreSQL\n";
  std::exit(2);
}

wishes read(int count, char** words) {
  wishes all;
  for (int i = 1; i < count; i += 2) {
    std::string flag = words[i], value = i + 1 < count ? words[i + 1] : "";
    const bool number =
        !value.empty() && value.size() < 10 && value.find_first_not_of("0123456789") == value.npos;
    if (flag == "--seconds" && number)
      all.seconds = std::stol(value);
    else if (flag == "--seed" && number)
      all.seed = std::stoul(value);
    else if (flag == "--clients" && number && value != "0")
      all.clients = std::stoi(value);
    else if (flag == "--hubs" && number && value.size() == 1 && value != "0")
      all.hubs = std::stoul(value);
    else if (flag == "--database" && (value == "postgresql" || value == "sqlite"))
      all.database = value == "sqlite" ? database_kind::sqlite : database_kind::postgresql;
    else
      usage();
  }
  if (all.hubs > 1 && all.database == database_kind::sqlite)
    usage();
  return all;
}

/// Should anything hang: the children die with this process.
void end_in_any_case(long seconds) {
  std::signal(SIGALRM, [](int) {
    constexpr char words[] = "torture: FAILED, it did not come to its end\n";
    if (::write(2, words, std::strlen(words)) < 0) {
    }
    ::_exit(3);
  });
  ::alarm(static_cast<unsigned>(seconds));
}

/// The clients and their threads; ends them whatever happens.
class crowd {
public:
  crowd(const wishes& how, world& where) : where_{where} {
    for (int i = 0; i < how.clients; ++i)
      clients_.push_back(std::make_unique<client>(i, how.seed, where));
    for (auto& one : clients_)
      threads_.emplace_back(&client::run, one.get());
  }
  ~crowd() { end(); }

  void end() {
    where_.enter(phase::over);
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
  }

  /// Who is late is a violation. On a slow machine nobody is late as long as somebody gets on.
  void reach(phase next, const std::string& what, nemesis& watcher) {
    where_.enter(next);
    auto late = [](auto& one) { return !one->done(); };
    test::deadline until = test::patience;
    for (std::string before; std::any_of(clients_.begin(), clients_.end(), late) && !until.passed();
         watcher.watch(20ms)) {
      std::string now;
      for (const auto& one : clients_)
        now += one->state();
      if (std::exchange(before, now) != now)
        until = test::patience;
    }
    for (auto& one : clients_)
      if (late(one))
        where_.notes.violation("waited in vain for " + what + ": " + one->state());
  }

  std::vector<const diary*> diaries() const {
    std::vector<const diary*> all;
    for (auto& one : clients_)
      all.push_back(&one->written());
    return all;
  }

private:
  world& where_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::thread> threads_;
};

/// One more message, so that whatever was stored by a line that a hub had lost is behind the newest
/// that it shows.
void last_word(herald& words, stage& on, world& where) {
  try {
    words.carry(test::patience);
  } catch (const std::exception& error) {
    where.notes.violation(error.what());
  }
  for (auto& row : on.session()->sql("select room, max(id) from messages group by room"))
    where.newest[row[0]] = std::stoll(row[1]);
}

/// A hub that nobody came to was not tested.
void count_lines(const stage& on, book& notes) {
  for (std::size_t i = 0; on.hubs() > 1 && i < on.hubs(); ++i) {
    const auto lines = on.balancer().given(i);
    notes.count("lines to hub " + std::to_string(i + 1), lines);
    if (lines == 0)
      notes.violation("the balancer gave no line to hub " + std::to_string(i + 1));
  }
}

int report(const wishes& how, const nemesis& who, const book& notes) {
  std::cout << "\nfaults:\n";
  for (auto& line : who.history())
    std::cout << "  " << line << '\n';
  std::cout << "\ncounts:\n";
  for (auto& [what, count] : notes.counts())
    std::cout << "  " << what << ": " << count << '\n';
  const auto& worst = who.worst();
  std::cout << "\nworst wait after the database's return: " << worst.news.count()
            << " ms for news, " << worst.health.count() << " ms for /health; the longest stop "
            << worst.stop.count() << " ms\n";
  if (how.hubs > 1)
    std::cout << "worst wait for a word of another hub: " << worst.word.count()
              << " ms; to store while one hub stands still: " << worst.others.count() << " ms\n";
  std::cout << "most memory: " << who.largest() / (1 << 20) << " MiB\n\n";
  auto found = notes.violations();
  for (auto& line : found)
    std::cout << "VIOLATION " << line << '\n';
  if (auto more = notes.violation_count() - static_cast<long>(found.size()); more > 0)
    std::cout << "and " << more << " more\n";
  std::cout << (found.empty() ? "torture: passed" : "torture: FAILED") << ", seed " << how.seed
            << std::endl;
  return found.empty() ? 0 : 1;
}

int run(const wishes& how) {
  std::cout << "torture: seed " << how.seed << ", " << how.seconds << " s, " << how.clients
            << " clients, " << how.hubs << (how.hubs > 1 ? " hubs, " : " hub, ")
            << (how.database == database_kind::sqlite ? "SQLite" : "PostgreSQL") << std::endl;
  world where;
  stage on{how.database, how.hubs, how.seed};
  where.port = on.port();
  where.hub = how.hubs > 1 ? -1 : 1;
  herald words{on, how.seed};
  nemesis nemesis{on, where, words, how.seed};
  crowd crowd{how, where};
  nemesis.run(std::chrono::seconds{how.seconds});
  crowd.reach(phase::settle, "all to be acknowledged", nemesis);
  last_word(words, on, where);
  crowd.reach(phase::finish, "all to be read", nemesis);
  for (std::size_t i = 0; i < on.hubs(); ++i)
    if (auto code = on.hub(i).stop(); code != 0)
      where.notes.violation("a hub ended with " + std::to_string(code) + " at last:\n" +
                            on.hub(i).server().log());
  count_lines(on, where.notes);
  crowd.end();
  auto all = crowd.diaries();
  all.push_back(&words.said());
  auto table = read_table(*on.session(), how.database == database_kind::sqlite);
  where.notes.count("messages stored", static_cast<long>(table.size()));
  checker{std::move(table), all, where.notes}.run();
  return report(how, nemesis, where.notes);
}

} // namespace

int main(int count, char** words) {
  test::settle_environment();
  auto how = read(count, words);
  end_in_any_case(how.seconds + rest);
  try {
    return run(how);
  } catch (const std::exception& error) {
    std::cerr << "torture: FAILED, seed " << how.seed << ": " << error.what() << std::endl;
    return 1;
  }
}
