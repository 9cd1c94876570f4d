// If any thread cannot be created, the hub says so and ends. It never runs without some of its
// threads. And how threads end.
#include "tests/support/http.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/stall.hpp"
#include "tests/support/visitor.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <memory>
#include <unistd.h>

using namespace test;

TEST_SUITE_BEGIN("threads");

namespace {

enum class start_result { serves, lacks_threads };

std::size_t threads_of(const process& which) {
  const std::filesystem::directory_iterator all{"/proc/" + std::to_string(which.pid()) + "/task"};
  return std::size_t(std::distance(begin(all), end(all)));
}

struct run_result {
  start_result how;
  std::size_t threads = 0;
};

/// Starts a hub and stops it. Checks that it either serves and stops when it is told to, or ends
/// with one line that says what to do.
run_result start_and_stop(const command& what) {
  process hub{what};
  std::string first;
  try {
    first = hub.line(stream::out, patience);
    for (const auto mark = std::string{"://127.0.0.1:"};;) {
      const auto port = std::uint16_t(std::stoi(first.substr(first.find(mark) + mark.size())));
      eventually("the hub to answer or to end", patience, [&] {
        try {
          return fetch(port, "/health", 5s).status == 200;
        } catch (const std::exception&) {
          return !hub.running();
        }
      });
      break;
    }
  } catch (const std::runtime_error&) { // the hub ended before it listened
  }
  if (hub.running() && !first.empty()) {
    const auto threads = threads_of(hub);
    hub.signal(SIGTERM);
    CHECK(hub.wait(patience) == 0);
    return {start_result::serves, threads};
  }
  CHECK(hub.wait(patience) == 1);
  const auto told = hub.output(stream::err);
  INFO(told);
  CHECK(told.starts_with("hubbub: not all threads could be made: look at the limits"));
  CHECK(told.find("ulimit -u") != told.npos);
  CHECK(told.find('\n') == told.size() - 1);
  return {start_result::lacks_threads};
}

settings small_hub_settings(const database& db) {
  return {{"HOST", "127.0.0.1"},
          {"PORT", "0"},
          {"THREADS", "1"},
          {"MEMORY_LIMIT", "1G"},
          {"DATABASE_URL", db.url()}};
}

constexpr std::size_t threads_of_small_hub = 13;

} // namespace

TEST_CASE(
    "under any limit on threads a hub either serves with all its threads or reports the limit") {
  if (::geteuid() != 0) {
    MESSAGE("only root can take a user id without other processes");
    return;
  }
  sqlite db;
  std::filesystem::permissions(std::filesystem::path{db.file()}.parent_path(),
                               std::filesystem::perms::all);
  auto what = hub_command(small_hub_settings(db));
  const auto nobody_else = 1'000'000'000u + unsigned(::getpid());
  what.user = {nobody_else, nobody_else};
  what.environment["ASAN_OPTIONS"] = "detect_leaks=0"; // the leak check needs a thread of its own
  std::size_t least = 0;
  for (std::size_t limit = 1; limit <= threads_of_small_hub + 3; ++limit) {
    what.processes = limit;
    INFO("with at most ", limit);
    const auto came = start_and_stop(what);
    CHECK((came.how == start_result::serves) == (limit > threads_of_small_hub));
    if (came.how == start_result::serves && !least)
      least = limit;
    CHECK(came.threads <= least);
  }
}

TEST_CASE("a limit that the hub meets later is reported in the same words") {
  if (is_instrumented()) {
    MESSAGE("a sanitizer intercepts pthread_create itself");
    return;
  }
  sqlite db;
  auto what = hub_command(small_hub_settings(db));
  what.environment["LD_PRELOAD"] = THREAD_FAULT;
  const std::size_t all = 2 * threads_of_small_hub;
  bool one = false;
  SUBCASE("one thread fails") {
    one = true;
  }
  SUBCASE("one thread fails, and all that follow") {}
  std::size_t served = 0;
  for (auto number = threads_of_small_hub; number <= all + 2; ++number) {
    what.environment["THREAD_FAULT_FROM"] = std::to_string(number);
    what.environment["THREAD_FAULT_TO"] = std::to_string(one ? number + 1 : 1000);
    INFO("thread ", number);
    served += start_and_stop(what).how == start_result::serves;
  }
  CHECK(served >= 1); // the last number is more than the hub has threads
  CHECK(served <= 2); // on SQLite the hub has no thread that listens to other hubs
}

TEST_CASE_TEMPLATE("no detached thread leaves data for OpenSSL to free", database, sqlite,
                   postgres) {
  database db;
  hub hub{db, {{"LD_PRELOAD", THREAD_LEFTOVERS}}};
  {
    visitor someone{hub};
    someone.say("one");
    CHECK(someone.hears()["text"] == "one");
  }
  CHECK(hub.stop() == 0);
}

TEST_CASE("connections that come one at a time are spread evenly over the I/O threads") {
  sqlite db;
  hub hub{db, {{"THREADS", "2"}}};
  std::vector<std::shared_ptr<visitor>> all;
  while (all.size() < 8)
    all.push_back(std::make_shared<visitor>(hub));
  for (const auto* thread : {"io 1", "io 2"}) {
    auto waiting = all;
    {
      const stall still{hub.server().pid(), thread};
      for (auto& each : all)
        each->send_json({{"type", "ping"}});
      eventually("half of them to be served", [&] {
        std::erase_if(waiting, [](auto& each) { return !each->hears_any(0s).is_null(); });
        return waiting.size() <= 4;
      });
    }
    CHECK(waiting.size() == 4);
    for (auto& each : waiting)
      each->hears_any();
  }
}

TEST_SUITE_END();
