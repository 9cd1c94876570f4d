// Runs initdb and postgres from Debian's folders and uses libpq. Tests that run as root start
// PostgreSQL as the user postgres, because PostgreSQL refuses to run as root.
#include "tests/support/postgres.hpp"

#include "tests/support/deadline.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace test {

namespace {

namespace fs = std::filesystem;

fs::path newest_binaries() {
  fs::path newest;
  int version = 0;
  std::error_code none;
  for (auto& entry : fs::directory_iterator{"/usr/lib/postgresql", none})
    if (auto found = std::atoi(entry.path().filename().c_str()); found > version) {
      version = found;
      newest = entry.path() / "bin";
    }
  if (!fs::exists(newest / "initdb"))
    throw std::runtime_error{"PostgreSQL's server is not installed: no "
                             "/usr/lib/postgresql/*/bin/initdb"};
  return newest;
}

std::optional<std::pair<uid_t, gid_t>> unprivileged() {
  if (::geteuid() != 0)
    return {};
  auto user = ::getpwnam("postgres"); // NOLINT(concurrency-mt-unsafe): one thread calls it
  if (user == nullptr)
    throw std::runtime_error{"root cannot run PostgreSQL, and there is no user postgres"};
  return std::pair{user->pw_uid, user->pw_gid};
}

class postgres_session : public sql_session {
public:
  explicit postgres_session(const std::string& url)
      : connection_{PQconnectdb(url.c_str()), &PQfinish} {
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw std::runtime_error{PQerrorMessage(connection_.get())};
  }

  rows sql(const std::string& text) override {
    std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(connection_.get(), text.c_str()),
                                                         &PQclear};
    auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      throw std::runtime_error{PQerrorMessage(connection_.get())};
    rows found(static_cast<std::size_t>(PQntuples(result.get())));
    for (int row = 0; row < PQntuples(result.get()); ++row)
      for (int column = 0; column < PQnfields(result.get()); ++column)
        found[static_cast<std::size_t>(row)].push_back(PQgetisnull(result.get(), row, column)
                                                           ? "NULL"
                                                           : PQgetvalue(result.get(), row, column));
    return found;
  }

private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// The parent of a process, from the fourth field of its stat file (proc(5)). 0 if the process has
/// ended.
pid_t parent_of(const fs::path& process) {
  std::string stat;
  std::getline(std::ifstream{process / "stat"}, stat);
  auto name_end = stat.rfind(')');
  return name_end == stat.npos ? 0 : std::atoi(stat.c_str() + name_end + 4);
}

} // namespace

postgres_cluster::postgres_cluster(durability how) : durability_{how} {
  give_folder_to_server();
  auto password = folder_.write("password", "secret\n");
  fs::permissions(password, fs::perms::others_read, fs::perm_options::add);
  auto made = run(server_command(
      "initdb", {"--pgdata=data", "--username=hubbub", "--pwfile=password", "--auth-local=trust",
                 "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"}));
  if (made.code != 0)
    throw std::runtime_error{"initdb failed: " + made.out + made.err};
  start();
}

postgres_cluster::~postgres_cluster() {
  kill();
}

void postgres_cluster::give_folder_to_server() const {
  if (auto user = unprivileged();
      user && ::chown(folder_.path().c_str(), user->first, user->second) != 0)
    throw std::system_error{errno, std::generic_category(), "chown"};
}

command postgres_cluster::server_command(const std::string& program,
                                         std::vector<std::string> arguments) const {
  return {newest_binaries() / program,
          std::move(arguments),
          {{"LC_ALL", "C.UTF-8"}},
          folder_.path(),
          unprivileged()};
}

postgres_cluster& postgres_cluster::shared() {
  static postgres_cluster one;
  return one;
}

void postgres_cluster::start() {
  resume();
  if (server_ && server_->running())
    return;
  std::vector<std::string> arguments{"-D", "data",        "-p", std::to_string(port()),
                                     "-k", folder_.path()};
  std::string fsync = durability_ == durability::full ? "on" : "off";
  for (const auto& setting :
       {"fsync=" + fsync, "full_page_writes=" + fsync, std::string{"timezone=Asia/Kolkata"},
        std::string{"listen_addresses=127.0.0.1"}, std::string{"shared_buffers=32MB"},
        std::string{"wal_retrieve_retry_interval=100ms"}})
    arguments.insert(arguments.end(), {"-c", setting});
  server_ = std::make_unique<process>(server_command("postgres", arguments));
  deadline until = patience;
  while (server_->line(stream::err, until).find("ready to accept ") == std::string::npos) {
  }
}

void postgres_cluster::stop(stop_mode how) {
  resume();
  if (!server_)
    return;
  server_->signal(how == stop_mode::fast ? SIGINT : SIGQUIT);
  server_->wait();
}

void postgres_cluster::kill() {
  if (!server_ || !server_->running())
    return;
  pause();
  // waitpid(2) works for our own children only. A pidfd reports the end of any process.
  std::vector<descriptor> ends;
  for (auto pid : paused_)
    ends.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  for (auto pid : paused_)
    ::kill(pid, SIGKILL);
  paused_.clear();
  kill_on_death_.reset();
  for (auto& end : ends)
    if (end.get() >= 0)
      wait_for(end.get(), POLLIN, patience, "the end of a PostgreSQL process");
  server_->wait();
}

void postgres_cluster::pause() {
  if (!server_ || !server_->running())
    return;
  server_->signal(SIGSTOP); // first, so that it cannot start more children
  pause(processes());
}

void postgres_cluster::pause(std::vector<pid_t> some) {
  paused_ = std::move(some);
  kill_on_death_ = std::make_unique<kill_on_death>(paused_);
  for (auto pid : paused_)
    ::kill(pid, SIGSTOP);
}

void postgres_cluster::resume() {
  for (auto pid : paused_)
    ::kill(pid, SIGCONT);
  paused_.clear();
  kill_on_death_.reset();
}

std::vector<pid_t> postgres_cluster::processes() const {
  std::vector<pid_t> found{server_->pid()};
  for (auto& entry : fs::directory_iterator{"/proc"})
    if (auto pid = std::atoi(entry.path().filename().c_str());
        pid > 0 && parent_of(entry.path()) == server_->pid())
      found.push_back(pid);
  return found;
}

std::string postgres_cluster::url(const std::string& name) const {
  return "postgresql://hubbub:secret@127.0.0.1:" + std::to_string(port()) + '/' + name;
}

std::unique_ptr<sql_session> postgres_cluster::session(const std::string& name) const {
  return std::make_unique<postgres_session>(
      "host=" + folder_.path().string() + " port=" + std::to_string(port()) +
      " user=hubbub connect_timeout=120 dbname=" + name +
      " options='-c statement_timeout=120s -c client_min_messages=warning'");
}

std::unique_ptr<sql_session> sql_at(const std::string& url) {
  return std::make_unique<postgres_session>(url);
}

postgres::postgres() {
  static int count = 0;
  name_ = "test_" + std::to_string(++count);
  cluster().start();
  cluster().session("postgres")->sql("create database " + name_);
}

postgres::~postgres() {
  try {
    cluster().start();
    cluster().session("postgres")->sql("drop database " + name_ + " with (force)");
  } catch (const std::exception&) {
    // The next test starts the cluster again or fails with its own message. This test must report
    // its own failure.
  }
}

} // namespace test
