// The wiring of one process, and its ordered stop.
// Knows: every layer. Must not know: how any of them works.
#include "net/access/admin_token.hpp"
#include "net/ops/log_writer.hpp"
#include "net/ops/logging.hpp"
#include "net/ops/memory_monitor.hpp"
#include "net/ops/service_manager.hpp"
#include "net/ops/stderr_capture.hpp"
#include "net/server/doctor.hpp"
#include "net/server/gateway.hpp"
#include "net/server/threads.hpp"
#include "storage/file_lock.hpp"
#include "storage/postgres_peer_hubs.hpp"
#include "storage/sql_log.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace hubbub;
using namespace std::chrono_literals;

namespace {

/// Of whom SIGHUP, by which a terminal says goodbye, is not kept, as nohup does.
sigset_t awaited_signals(const options& settings) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (settings.certificate || hangup.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  return set;
}

void reload(tls_certificate& shown) {
  try {
    shown.reload();
    spdlog::info("the certificate is read again, for those who come from now on");
  } catch (const std::invalid_argument& e) {
    spdlog::error("the certificate stays as it was: {}", e.what());
  }
}

void tell_manager(hub& actors) {
  actors.check_health([](const health_report& how) {
    // A log that is away is no reason for a restart: it would lose what was accepted.
    if (!how.database && !how.hangs)
      notify_alive("the log is away; what was accepted waits for it");
    else if (how.well())
      notify_alive("the log is well");
  });
}

/// The signal to stop. Up to then the service manager hears that the hub lives, while it does.
int await_stop(const options& settings, hub& actors) {
  const auto set = awaited_signals(settings);
  const auto every = notify_every();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(every.value_or(0ns));
  const timespec pause{seconds.count(), (every.value_or(0ns) - seconds).count()};
  for (;;) {
    int signal = 0;
    if (every)
      signal = sigtimedwait(&set, nullptr, &pause);
    else
      sigwait(&set, &signal);
    if (signal == SIGHUP && settings.certificate)
      reload(*settings.certificate);
    else if (signal > 0)
      return signal;
    else
      tell_manager(actors);
  }
}

/// Says once which server is in use, and again when it is another one.
server_heard tell_server() {
  struct last {
    std::mutex mutex;
    std::string server;
  };
  return [said = std::make_shared<last>()](const std::string& server) {
    const std::lock_guard guard(said->mutex);
    if (std::exchange(said->server, server) != server)
      spdlog::info("the database server in use is {}", server);
  };
}

/// A database that hangs keeps its threads in libpq for good: nobody can join them.
void leave_soon() {
  std::signal(SIGALRM, [](int) { _exit(EXIT_SUCCESS); });
  alarm(1);
}

/// A standard stream that was closed would be the next file that is opened: the database's, say,
/// with log lines written into it.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
      _exit(EXIT_FAILURE); // there is nowhere to say it
}

int end_with(int code, const std::string& why) {
  write_or_give_up(STDERR_FILENO, "hubbub: " + why + '\n');
  return code;
}

/// On a thread of its own, as the hub's constructor wants it.
std::unique_ptr<hub> make_hub(hub_settings settings) {
  std::unique_ptr<hub> made;
  try {
    std::thread([&] { made = std::make_unique<hub>(std::move(settings)); }).join();
  } catch (const std::system_error&) {
    leave_without_threads();
  }
  return made;
}

int run(const options& settings, const std::shared_ptr<hub_counters>& counted) {
  const file_lock lock(settings.store);
  const auto memory = std::make_shared<memory_budget>(settings.memory_limit);
  lanes threads;
  for (unsigned i = 0; i < settings.threads; ++i)
    threads.push_back(std::make_unique<lane>("io " + std::to_string(i + 1),
                                             lane::limits{.outbox = settings.outbox_limit,
                                                          .deflate = settings.deflate,
                                                          .memory = memory},
                                             counted));
  gateway door(settings, threads);
  const bool bracketed = settings.host.find(':') != std::string::npos; // RFC 3986, section 3.2.2
  spdlog::info("hubbub {} listens on {}://{}:{}", HUBBUB_VERSION,
               settings.certificate ? "https" : "http",
               bracketed ? '[' + settings.host + ']' : settings.host, door.port());
  spdlog::info("database {}, page {}, {} io threads", settings.store.shown,
               settings.public_dir.string(), settings.threads);

  std::vector<std::shared_ptr<const heartbeat>> signs{door.heartbeat_of_thread()};
  for (const auto& each : threads)
    signs.push_back(each->heartbeat_of_thread());
  const auto file = watch_file(settings.store);
  {
    const auto made = make_hub({.make_log =
                                    [where = settings.store, file, heard = tell_server()] {
                                      return make_sql_log(where, system_time, file, heard);
                                    },
                                .peers = make_peer_hubs(settings.store),
                                .rate = settings.rate_limit,
                                .outbox_limit = settings.outbox_limit,
                                .workers = settings.threads,
                                .counters = counted,
                                .memory = memory,
                                .threads = std::move(signs)});
    auto& actors = *made;
    const auto relieve = [&actors, &threads](pressure level) {
      actors.shed();
      if (level >= pressure::tight)
        for (const auto& each : threads)
          each->shed();
    };
    std::optional<const memory_monitor> keeper;
    try {
      keeper.emplace(memory, relieve);
      door.start(actors);
      all_threads_are_made();
    } catch (const std::system_error&) { // before the hub is waited for, which has no end
      leave_without_threads();
    }
    notify_ready("listens on port " + std::to_string(door.port()));
    const int signal = await_stop(settings, actors);
    notify_stopping("stores what was accepted, and tells everyone when to return");
    spdlog::info("stops on SIG{}", sigabbrev_np(signal));
    if (door.stop())
      spdlog::info("stopped, everything accepted is stored");
    else
      spdlog::error(
          "stopped while the log was away: what nobody saw or had an ack for is not stored");
    leave_soon();
    door.end();
    for (const auto& each : threads)
      each->stop();
  }
  alarm(2); // for what comes now, whatever of it was left
  if (file && !file->finish())
    spdlog::warn("another program has the database open: a copy of it needs its -wal file as well");
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  auto settings = read_options(argc, argv);
  if (settings.mode == run_mode::check_config) {
    if (const auto size = settings.admin_token.size(); size > 0 && size < min_admin_token)
      std::cerr << "hubbub: ADMIN_TOKEN is short enough to be guessed" << std::endl;
    std::cout << "The settings are good." << std::endl;
    return EXIT_SUCCESS;
  }
  std::signal(SIGXFSZ, SIG_IGN); // a limit on a file's size is an error, as a full disk is
  if (settings.mode == run_mode::doctor)
    return print(examine(settings)) ? EXIT_SUCCESS : EXIT_FAILURE;
  const auto set = awaited_signals(settings);
  pthread_sigmask(SIG_BLOCK, &set,
                  nullptr); // before any thread is made, so that only sigwait gets them
  std::signal(SIGPIPE, SIG_IGN);
  expect_thread_shortage();
  try {
    // CAF has threads made where none may throw, so it is not begun where they cannot be.
    if (const auto most = most_threads(settings); try_threads(most) < most)
      return end_with(EXIT_FAILURE, thread_shortage());
    const auto counted = std::make_shared<hub_counters>();
    start_logging(settings.debug, settings.log_json, counted);
    log_standard_error();
    settings.store.notice = [](const std::string& words) {
      const bool warns = words.starts_with("WARNING");
      spdlog::log(warns ? spdlog::level::warn : spdlog::level::info, "PostgreSQL says {}", words);
    };
    return run(settings, counted);
  } catch (const std::invalid_argument& e) { // a setting
    return end_with(2, e.what());
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::resource_unavailable_try_again)
      leave_without_threads();
    return end_with(EXIT_FAILURE, e.what());
  } catch (const std::exception& e) {
    return end_with(EXIT_FAILURE, e.what());
  }
}
