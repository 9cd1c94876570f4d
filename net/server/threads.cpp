#include "net/server/threads.hpp"

#include "net/ops/log_writer.hpp"
#include "net/ops/logging.hpp"
#include "net/ops/stderr_capture.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The threads of which there is one each: two of the log, the gateway's, the memory monitor's,
/// CAF's clock, and six actors with a thread of their own.
constexpr std::size_t single_threads = 11;

/// The threads of searches: two actors.
constexpr std::size_t search_threads = 2;

std::terminate_handler terminate_otherwise = nullptr;
std::atomic<bool> starting = false;

std::ptrdiff_t threads_now() {
  std::error_code ec;
  const fs::directory_iterator all("/proc/self/task", ec);
  return std::distance(fs::begin(all), fs::end(all));
}

std::string limit_of_user() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NPROC, &limit);
  return limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur);
}

/// Returns the limit of the process's control group (version 2 or 1), as far as the container shows
/// it.
std::string limit_of_group() {
  std::string limit, line;
  for (std::ifstream groups("/proc/self/cgroup"); limit.empty() && std::getline(groups, line);) {
    const auto path = line.substr(std::min(line.find(":/"), line.size() - 1) + 1);
    const std::string root = line.starts_with("0::")            ? "/sys/fs/cgroup"
                             : line.find(":pids:") != line.npos ? "/sys/fs/cgroup/pids"
                                                                : "";
    if (root.empty())
      continue;
    for (const fs::path folder : {root + path, root})
      if (limit.empty())
        std::ifstream(folder / "pids.max") >> limit;
  }
  return limit.empty() ? "unknown" : limit;
}

/// Returns whether std::terminate was called because a thread could not be made. CAF's constructors
/// then destroy another thread that is still running, which terminates while the exception unwinds:
/// it is uncaught, and is not the current exception.
bool lacks_threads() {
  if (!starting)
    return false;
  try {
    if (const auto why = std::current_exception())
      std::rethrow_exception(why);
    return std::uncaught_exceptions() > 0;
  } catch (const std::system_error& e) {
    return e.code() == std::errc::resource_unavailable_try_again;
  } catch (...) {
    return false;
  }
}

} // namespace

std::size_t max_threads(const options& settings) {
  return 2 * settings.threads + // once for sockets, and once for actors
         single_threads + (settings.search ? search_threads : 0);
}

std::size_t try_threads(std::size_t wanted) {
  const auto before = threads_now();
  std::latch enough(1);
  std::vector<std::thread> all;
  all.reserve(wanted);
  try {
    while (all.size() < wanted)
      all.emplace_back([&enough] { enough.wait(); });
  } catch (const std::system_error&) {
    // The limit is reached.
  }
  enough.count_down();
  for (auto& each : all)
    each.join();
  for (int tries = 0; threads_now() > before && tries < 1000; ++tries)
    std::this_thread::sleep_for(1ms);
  return all.size();
}

std::string thread_shortage() {
  return "not all threads could be made: look at the limits on processes and threads, of this user "
         "(ulimit -u, LimitNPROC=: " +
         limit_of_user() +
         ") and of its container or unit (pids limit, TasksMax=: " + limit_of_group() + ")";
}

void expect_thread_shortage() {
  starting = true;
  terminate_otherwise = std::set_terminate([] {
    if (lacks_threads())
      exit_without_threads();
    flush_log(100ms);
    release_standard_error();
    terminate_otherwise();
    std::abort();
  });
}

void all_threads_are_made() {
  starting = false;
}

void exit_without_threads() {
  flush_log(100ms);
  write_or_give_up(STDERR_FILENO, "hubbub: " + thread_shortage() + '\n');
  _exit(EXIT_FAILURE);
}

} // namespace hubbub
