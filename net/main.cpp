// The wiring of one process, and its ordered stop.
// Knows: every layer. Must not know: how any of them works.
#include "net/admin.hpp"
#include "net/doctor.hpp"
#include "net/gateway.hpp"
#include "net/logging.hpp"
#include "net/memory_keeper.hpp"
#include "net/notify.hpp"
#include "storage/claim.hpp"
#include "storage/postgres_neighbours.hpp"
#include "storage/sql_log.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <mutex>
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

void reload(certificate& shown) {
  try {
    shown.reload();
    spdlog::info("the certificate is read again, for those who come from now on");
  } catch (const std::invalid_argument& e) {
    spdlog::error("the certificate stays as it was: {}", e.what());
  }
}

void tell_manager(hub& actors) {
  actors.examine([](const state_of_health& how) {
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

int run(const options& settings) {
  const claim alone(settings.store);
  const auto counted = std::make_shared<figures>();
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

  std::vector<std::shared_ptr<const heartbeat>> signs{door.sign_of_life()};
  for (const auto& each : threads)
    signs.push_back(each->sign_of_life());
  {
    hub actors({.make_log = [where = settings.store,
                             heard = tell_server()] { return make_sql_log(where, heard); },
                .others = make_neighbours(settings.store),
                .rate = settings.rate_limit,
                .outbox_limit = settings.outbox_limit,
                .workers = settings.threads,
                .counted = counted,
                .memory = memory,
                .threads = std::move(signs)});
    const memory_keeper keeper(memory, [&actors, &threads](pressure level) {
      actors.shed();
      if (level >= pressure::tight)
        for (const auto& each : threads)
          each->shed();
    });
    door.start(actors);
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
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  const auto settings = read_options(argc, argv);
  if (settings.what == errand::check_config) {
    if (const auto size = settings.admin_token.size(); size > 0 && size < short_token)
      std::cerr << "hubbub: ADMIN_TOKEN is short enough to be guessed" << std::endl;
    std::cout << "The settings are good." << std::endl;
    return EXIT_SUCCESS;
  }
  if (settings.what == errand::doctor)
    return print(examine(settings)) ? EXIT_SUCCESS : EXIT_FAILURE;
  const auto set = awaited_signals(settings);
  pthread_sigmask(SIG_BLOCK, &set,
                  nullptr); // before any thread is made, so that only sigwait gets them
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a limit on a file's size is an error, as a full disk is
  start_logging(settings.debug, settings.log_json);
  try {
    return run(settings);
  } catch (const std::invalid_argument& e) { // a setting
    std::cerr << "hubbub: " << e.what() << std::endl;
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "hubbub: " << e.what() << std::endl;
    return EXIT_FAILURE;
  }
}
