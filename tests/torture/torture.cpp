// The torture test: a real hub, a real database, a crowd of clients, and somebody who hurts all of
// it. Heals everything at the end, and judges what came of it.
#include "tests/support/visitor.hpp"
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
  database_kind database = database_kind::postgresql;
};

/// Seconds that healing, reading on and judging may take beyond the storm.
constexpr long rest = 110;

[[noreturn]] void usage() {
  std::cerr << "torture [--seconds 60] [--seed N] [--database postgresql|sqlite] [--clients 40]\n";
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
    else if (flag == "--database" && (value == "postgresql" || value == "sqlite"))
      all.database = value == "sqlite" ? database_kind::sqlite : database_kind::postgresql;
    else
      usage();
  }
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
    where_.now = phase::over;
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
  }

  /// Who is late is a violation.
  void reach(phase next, test::deadline until, const std::string& what, nemesis& watcher) {
    where_.now = next;
    auto late = [](auto& one) { return !one->done(); };
    while (std::any_of(clients_.begin(), clients_.end(), late) && !until.passed())
      watcher.watch(20ms);
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

/// One more message, so that whatever was stored by a line that the hub had lost is behind the
/// newest that it shows.
diary last_word(stage& on, world& where) {
  diary said;
  said.posts.push_back({{"lobby"}, "the last word", "the last word", {}});
  test::visitor someone{on.hub()};
  someone.say(said.posts[0].text, said.posts[0].key);
  auto ack = someone.next();
  while (ack.at("type") != "ack") // it may come before the message or behind it
    ack = someone.next();
  said.posts[0].ack = receipt{ack.at("id"), ack.at("user_message_number")};
  for (auto& row : on.session()->sql("select room, max(id) from messages group by room"))
    where.newest[row[0]] = std::stoll(row[1]);
  return said;
}

int report(const wishes& how, const nemesis& who, const book& notes) {
  std::cout << "\nfaults:\n";
  for (auto& line : who.history())
    std::cout << "  " << line << '\n';
  std::cout << "\ncounts:\n";
  for (auto& [what, count] : notes.counts())
    std::cout << "  " << what << ": " << count << '\n';
  std::cout << "\nworst wait after the database's return: " << who.worst_pause().count()
            << " ms for news, " << who.worst_health().count()
            << " ms for /health\nmost memory: " << who.largest() / (1 << 20) << " MiB\n\n";
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
            << " clients, " << (how.database == database_kind::sqlite ? "SQLite" : "PostgreSQL")
            << std::endl;
  world where;
  stage on{how.database, how.seed};
  where.port = on.hub().port();
  where.hub = 1;
  nemesis nemesis{on, where, how.seed};
  crowd crowd{how, where};
  nemesis.run(std::chrono::seconds{how.seconds});
  crowd.reach(phase::settle, 30s, "all to be acknowledged", nemesis);
  auto epilogue = last_word(on, where);
  crowd.reach(phase::finish, 20s, "all to be read", nemesis);
  if (auto code = on.hub().stop(SIGTERM, 10s); code != 0)
    where.notes.violation("the hub ended with " + std::to_string(code) + " at last:\n" +
                          on.hub().server().log());
  crowd.end();
  auto all = crowd.diaries();
  all.push_back(&epilogue);
  auto table = read_table(*on.session(), how.database == database_kind::sqlite);
  where.notes.count("messages stored", static_cast<long>(table.size()));
  checker{std::move(table), all, where.notes}.run();
  return report(how, nemesis, where.notes);
}

} // namespace

int main(int count, char** words) {
  auto how = read(count, words);
  end_in_any_case(how.seconds + rest);
  try {
    return run(how);
  } catch (const std::exception& error) {
    std::cerr << "torture: FAILED, seed " << how.seed << ": " << error.what() << std::endl;
    return 1;
  }
}
