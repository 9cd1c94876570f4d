// The torture test: real hubs, a real database, many clients, and a nemesis that injects faults
// into all of them. At the end it undoes all faults and checks what was stored and shown.
#include "tests/support/environment.hpp"
#include "tests/torture/checker.hpp"
#include "tests/torture/crowd.hpp"
#include "tests/torture/nemesis.hpp"
#include "tests/torture/sql_applications.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>
#include <thread>

using namespace torture;
using namespace std::chrono_literals;

namespace {

struct run_options {
  long seconds = 60;
  std::uint64_t seed = static_cast<std::uint64_t>(std::random_device{}()) % 100'000;
  int clients = 40;
  std::size_t hubs = 1;
  database_kind database = database_kind::postgresql;
  replication replicates = replication::none;
  int failovers = 4;
  std::string older;
};

/// The seconds that everything after the storm may take.
constexpr long seconds_after_storm = 1'300;

[[noreturn]] void usage() {
  std::cerr
      << "torture [--seconds 60] [--seed N] [--database postgresql|sqlite] [--clients 40] "
         "[--hubs 1]\n"
         "torture --failover asynchronous|synchronous [--failovers 4] [--seed N] "
         "[--clients 40] [--hubs 1]\n"
         "torture --older PATH [--seconds 60] [--seed N] [--clients 40] [--hubs 2]\n"
         "Several hubs share one PostgreSQL, or a primary with its standby. PATH is a hub of an "
         "older version, which runs beside this one.\n";
  std::exit(2);
}

run_options read(int count, char** arguments) {
  run_options all;
  for (int i = 1; i < count; i += 2) {
    std::string flag = arguments[i], value = i + 1 < count ? arguments[i + 1] : "";
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
    else if (flag == "--failover" && (value == "asynchronous" || value == "synchronous"))
      all.replicates =
          value == "synchronous" ? replication::synchronous : replication::asynchronous;
    else if (flag == "--older" && !value.empty())
      all.older = value;
    else if (flag == "--failovers" && number && value != "0")
      all.failovers = std::stoi(value);
    else
      usage();
  }
  if (!all.older.empty() && (all.hubs < 2 || all.replicates != replication::none))
    usage();
  if ((all.hubs > 1 || all.replicates != replication::none) &&
      all.database == database_kind::sqlite)
    usage();
  return all;
}

/// Ends the process after the given time, should anything hang. The children end with it.
void end_in_any_case(long seconds) {
  std::signal(SIGALRM, [](int) {
    constexpr char text[] = "torture: FAILED, it did not end in time\n";
    if (::write(2, text, std::strlen(text)) < 0) {
    }
    ::_exit(3);
  });
  ::alarm(static_cast<unsigned>(seconds));
}

/// Sends one more message. Rows that were stored over a connection that a hub had lost come before
/// it, so a hub that shows it has shown those rows too.
void send_last(propagation_probe& probe, testbed& on, shared_state& shared) {
  try {
    probe.measure(test::patience);
  } catch (const std::exception& error) {
    shared.found.violation(error.what());
  }
  for (auto& row : on.session()->sql("select room, max(id) from messages group by room"))
    shared.newest[row[0]] = std::stoll(row[1]);
  shared.forks = read_forks(*on.session());
}

/// Each failover makes one fork. Where messages were lost, the record of a fork may be lost too,
/// and only clients know of it.
void check_forks(const run_options& options, const final_log& log, findings& found) {
  if (options.replicates == replication::none)
    return;
  std::set<row_id> made;
  for (auto& each : log.forks)
    made.insert(each.first);
  if (log.keeps_all && std::ssize(made) != options.failovers)
    found.violation("the log has " + std::to_string(made.size()) + " forks");
  for (auto& each : found.all_told())
    made.insert(each.first);
  if (std::ssize(made) > options.failovers)
    found.violation("the hubs made " + std::to_string(made.size()) + " forks");
  if (!log.keeps_all && found.counts()["failovers that lost messages"] == 0)
    found.violation("no failover lost a message, so nothing was tested");
}

/// Every hub must have had clients, or it was not tested.
void count_connections(const testbed& on, findings& found) {
  for (std::size_t i = 0; on.hubs() > 1 && !on.has_older() && i < on.hubs(); ++i) {
    const auto connections = on.balancer().accepted(i);
    found.count("connections to hub " + std::to_string(i + 1), connections);
    if (connections == 0)
      found.violation("the balancer gave no connection to hub " + std::to_string(i + 1));
  }
}

int report(const run_options& options, const nemesis& faults, const findings& found) {
  std::cout << "\nfaults:\n";
  for (auto& line : faults.history())
    std::cout << "  " << line << '\n';
  std::cout << "\ncounts:\n";
  for (auto& [what, count] : found.counts())
    std::cout << "  " << what << ": " << count << '\n';
  const auto& worst = faults.worst();
  std::cout << "\nworst wait after the database's return: " << worst.news.count()
            << " ms for a new message, " << worst.health.count()
            << " ms for /health; the longest stop " << worst.stop.count() << " ms\n";
  if (options.hubs > 1)
    std::cout << "worst wait for a message of another hub: " << worst.propagation.count()
              << " ms; to store while one hub is paused: " << worst.progress.count() << " ms\n";
  std::cout << "most memory: " << faults.largest() / (1 << 20) << " MiB\n\n";
  auto violations = found.violations();
  for (auto& line : violations)
    std::cout << "VIOLATION " << line << '\n';
  if (auto more = found.violation_count() - static_cast<long>(violations.size()); more > 0)
    std::cout << "and " << more << " more\n";
  std::cout << (violations.empty() ? "torture: passed" : "torture: FAILED") << ", seed "
            << options.seed << std::endl;
  return violations.empty() ? 0 : 1;
}

int run(const run_options& options) {
  const bool fails_over = options.replicates != replication::none;
  std::cout << "torture: seed " << options.seed << ", "
            << (fails_over ? std::to_string(options.failovers) + " failovers, "
                           : std::to_string(options.seconds) + " s, ")
            << options.clients << " clients, " << options.hubs
            << (options.hubs > 1 ? " hubs, " : " hub, ")
            << (options.database == database_kind::sqlite ? "SQLite" : "PostgreSQL") << std::endl;
  shared_state shared;
  testbed on{options.database, options.hubs, options.seed, options.replicates, options.older};
  shared.port = on.port();
  shared.hub = options.hubs > 1 ? -1 : 1;
  if (on.has_older()) {
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 0; i < on.hubs(); ++i)
      ports.push_back(on.hub(i).port());
    shared.versions.begin_with_older(std::move(ports));
  }
  propagation_probe probe{on, options.seed};
  nemesis nemesis{on, shared, probe, options.seed};
  sql_applications applications{on, options.seed, shared};
  crowd crowd{options.clients, options.seed, !options.older.empty(), shared};
  if (fails_over)
    nemesis.run_failovers(options.failovers);
  else if (on.has_older())
    nemesis.run_deploys(std::chrono::seconds{options.seconds});
  else
    nemesis.run(std::chrono::seconds{options.seconds});
  crowd.reach(phase::settle, "all to be acknowledged", nemesis);
  applications.end(*on.session());
  send_last(probe, on, shared);
  crowd.reach(phase::finish, "all to be read", nemesis);
  for (std::size_t i = 0; i < on.hubs(); ++i)
    if (auto code = on.hub(i).stop(); code != 0)
      shared.found.violation("a hub ended with " + std::to_string(code) +
                             " at the end of the run:\n" + on.hub(i).server().log());
  count_connections(on, shared.found);
  crowd.end();
  auto all = crowd.records();
  all.push_back(&probe.record());
  applications.add_records(all);
  final_log log{read_table(*on.session(), options.database == database_kind::sqlite),
                read_forks(*on.session()), options.replicates != replication::asynchronous};
  shared.found.count("messages stored", static_cast<long>(log.table.size()));
  check_forks(options, log, shared.found);
  applications.check(log.table);
  checker{std::move(log), all, shared.found}.run();
  return report(options, nemesis, shared.found);
}

} // namespace

int main(int count, char** arguments) {
  test::settle_environment();
  const auto options = read(count, arguments);
  end_in_any_case(options.seconds + seconds_after_storm +
                  (options.replicates == replication::none ? 0 : 600L * options.failovers));
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "torture: FAILED, seed " << options.seed << ": " << error.what() << std::endl;
    return 1;
  }
}
