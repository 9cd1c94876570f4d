// The wiring of one process, and its ordered stop.
// Knows: every layer. Must not know: how any of them works.
#include "net/ops/logging.hpp"
#include "net/ops/memory_monitor.hpp"
#include "net/ops/service_manager.hpp"
#include "net/ops/stderr_capture.hpp"
#include "net/server/commands.hpp"
#include "net/server/doctor.hpp"
#include "net/server/gateway.hpp"
#include "net/server/make_io_threads.hpp"
#include "net/server/threads.hpp"
#include "storage/file_lock.hpp"
#include "storage/postgres_peer_hubs.hpp"
#include "storage/sql_log.hpp"
#include "storage/thread_safety.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace hubbub;
using namespace std::chrono_literals;

namespace {

/// The signals that `await_stop` receives. SIGHUP stays ignored if the process was started so, as
/// by nohup, and no certificate can be reloaded.
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

void reload(tls_certificate& certificate) {
  try {
    certificate.reload();
    spdlog::info("the certificate is read again, for those who come from now on");
  } catch (const std::invalid_argument& e) {
    spdlog::error("the certificate stays as it was: {}", e.what());
  }
}

void notify_if_alive(hub& actors) {
  actors.check_health([](const health_report& report) {
    // No restart while the log is unavailable: the accepted messages would be lost.
    if (!report.database && !report.hangs)
      notify_alive("the log is away; what was accepted waits for it");
    else if (report.well())
      notify_alive("the log is well");
  });
}

/// Returns the signal that asks for the stop. Until then SIGHUP reloads the certificate, and the
/// service manager is told regularly that the hub is alive.
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
      notify_if_alive(actors);
  }
}

/// Logs which database server is in use, and again when another one is.
server_observer log_server_changes() {
  struct last_server {
    annotated_mutex mutex; ///< Several threads connect.
    std::string name HUBBUB_GUARDED_BY(mutex);
  };
  return [last = std::make_shared<last_server>()](const std::string& server) {
    const mutex_lock lock(last->mutex);
    if (std::exchange(last->name, server) != server)
      spdlog::info("the database server in use is {}", server);
  };
}

/// Ends the process after a second, whatever happens: a database that hangs keeps its threads in
/// libpq for ever, and they cannot be joined.
void exit_after_a_second() {
  std::signal(SIGALRM, [](int) { _exit(EXIT_SUCCESS); });
  alarm(1);
}

/// Opens the standard streams that are closed. Otherwise the next file that is opened, such as the
/// database, would take the descriptor, and log lines would be written into it.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
      _exit(EXIT_FAILURE); // no stream is left to report it on
}

/// Makes the hub on a thread of its own, as the hub's constructor requires.
std::unique_ptr<hub> make_hub(hub_settings settings) {
  std::unique_ptr<hub> made;
  try {
    std::thread([&] { made = std::make_unique<hub>(std::move(settings)); }).join();
  } catch (const std::system_error&) {
    exit_without_threads();
  }
  return made;
}

void log_start(const options& settings, const gateway& gate) {
  const bool bracketed = settings.host.find(':') != std::string::npos; // RFC 3986, section 3.2.2
  spdlog::info("hubbub {} listens on {}://{}:{}", HUBBUB_VERSION,
               settings.certificate ? "https" : "http",
               bracketed ? '[' + settings.host + ']' : settings.host, gate.port());
  spdlog::info("database {}, page {}, {} io threads", settings.store.display_name,
               settings.public_dir.string(), settings.threads);
}

/// The heartbeats of the gateway's thread and of the I/O threads.
std::vector<std::shared_ptr<const heartbeat>> heartbeats_of(const gateway& gate,
                                                            const io_threads& threads) {
  std::vector out{gate.heartbeat_of_thread()};
  for (const auto& each : threads)
    out.push_back(each->heartbeat_of_thread());
  return out;
}

/// Stops accepting, stores what was accepted, and ends the threads of the network. Must be called
/// while the hub lives.
void stop(gateway& gate, const io_threads& threads) {
  if (gate.stop())
    spdlog::info("stopped, everything accepted is stored");
  else
    spdlog::error(
        "stopped while the log was away: what nobody saw or had an ack for is not stored");
  exit_after_a_second();
  gate.end();
  for (const auto& each : threads)
    each->stop();
}

/// Serves until a signal asks for the stop. The I/O threads and the gateway were made before the
/// hub and outlive it.
void serve(const options& settings, const std::shared_ptr<memory_budget>& memory,
           io_threads& threads, gateway& gate, hub& actors) {
  const auto relieve = [&actors, &threads](pressure level) {
    actors.shed();
    if (level >= pressure::tight)
      for (const auto& each : threads)
        each->shed();
  };
  std::optional<const memory_monitor> monitor;
  try {
    monitor.emplace(memory, relieve);
    gate.start(actors);
    all_threads_are_made();
  } catch (const std::system_error&) { // must not unwind: the hub's destructor would wait for ever
    exit_without_threads();
  }
  notify_ready("listens on port " + std::to_string(gate.port()));
  const int signal = await_stop(settings, actors);
  notify_stopping("stores what was accepted, and tells everyone when to return");
  spdlog::info("stops on SIG{}", sigabbrev_np(signal));
  stop(gate, threads);
}

int run(const options& settings, const std::shared_ptr<hub_counters>& counters) {
  const file_lock lock(settings.store);
  const auto memory = std::make_shared<memory_budget>(settings.memory_limit);
  auto threads = make_io_threads(settings, counters, memory);
  gateway gate(settings, threads);
  log_start(settings, gate);
  const auto file = make_sqlite_file(settings.store);
  const auto lineage = std::make_shared<log_lineage>();
  if (!settings.search)
    remove_search_index(settings.store);
  {
    const auto actors = make_hub(
        {.make_log = [where = settings.store, file, heard = log_server_changes(),
                      lineage] { return make_sql_log(where, system_time, file, heard, lineage); },
         .peers = make_peer_hubs(settings.store, lineage),
         .rate = settings.rate_limit,
         .max_rooms = settings.max_rooms,
         .max_data = settings.max_data,
         .outbox_limit = settings.outbox_limit,
         .workers = settings.threads,
         .counters = counters,
         .memory = memory,
         .index = settings.search ? make_search_index(settings.store, file) : nullptr,
         .threads = heartbeats_of(gate, threads)});
    serve(settings, memory, threads, gate, *actors);
  }
  alarm(2); // the rest of the destructors gets two seconds
  if (file && !file->checkpoint())
    spdlog::warn("another program has the database open: a copy of it needs its -wal file as well");
  return EXIT_SUCCESS;
}

/// Starts the log, then runs the hub. Throws what a start can throw.
int start(options& settings) {
  // CAF makes threads where no exception may be thrown, so the limit is tried before.
  if (const auto most = max_threads(settings); try_threads(most) < most)
    return fail_with(EXIT_FAILURE, thread_shortage());
  const auto counters = std::make_shared<hub_counters>();
  start_logging(settings.debug, settings.log_json, counters);
  log_standard_error();
  settings.store.on_notice = [](const std::string& text) {
    const bool warning = text.starts_with("WARNING");
    spdlog::log(warning ? spdlog::level::warn : spdlog::level::info, "PostgreSQL says {}", text);
  };
  return run(settings, counters);
}

} // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  auto settings = read_options(argc, argv);
  if (settings.mode == run_mode::check_config)
    return report_settings(settings);
  if (settings.mode == run_mode::restored)
    return report_restore(settings);
  std::signal(SIGXFSZ, SIG_IGN); // a limit on a file's size is an error, as a full disk is
  if (settings.mode == run_mode::doctor)
    return print(examine(settings)) ? EXIT_SUCCESS : EXIT_FAILURE;
  const auto set = awaited_signals(settings);
  // Blocked before any thread is made, so that only sigwait receives them.
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  expect_thread_shortage();
  try {
    return start(settings);
  } catch (const std::invalid_argument& e) { // a setting
    return fail_with(2, e.what());
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::resource_unavailable_try_again)
      exit_without_threads();
    return fail_with(EXIT_FAILURE, e.what());
  } catch (const std::exception& e) {
    return fail_with(EXIT_FAILURE, e.what());
  }
}
