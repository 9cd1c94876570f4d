// A real PostgreSQL of the tests' own: a cluster in a temporary folder, and databases in it.
// Knows nothing of the hub's tables.
#pragma once

#include "tests/support/database.hpp"
#include "tests/support/kill_on_death.hpp"
#include "tests/support/process.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>

namespace test {

/// Whether a commit waits for the disk. It need not where only processes die and not the machine.
enum class durability { fast, full };

enum class stop_mode { fast, immediate };

/// A cluster that listens on 127.0.0.1 with a password (SCRAM) and in its folder on a socket
/// without one. Its clock shows the time of Kolkata, so that whoever forgets a time zone is seen.
/// Started by its constructor; ends with its owner. One thread at a time.
class postgres_cluster {
public:
  explicit postgres_cluster(durability how = durability::fast);
  ~postgres_cluster();

  /// The one of this program, made when it is first asked for.
  static postgres_cluster& shared();

  /// Returns when it accepts connections; nothing to do if it runs and is not paused.
  void start();
  void stop(stop_mode how = stop_mode::fast);
  void restart() { stop(), start(); }

  /// SIGKILL to every process of it; returns when all are gone.
  void kill();

  /// SIGSTOP to every process of it: it accepts connections, and answers nothing.
  void pause();
  void pause(std::vector<pid_t> some); ///< Of its processes; the others go on.
  void resume();

  std::uint16_t port() const { return port_.number(); }
  std::string url(const std::string& name) const;
  std::unique_ptr<sql_session> session(const std::string& name) const;

private:
  std::vector<pid_t> processes() const;

  temp_dir folder_;
  durability durability_;
  held_port port_;
  std::unique_ptr<process> server_;
  std::vector<pid_t> paused_;
  std::unique_ptr<kill_on_death> kill_on_death_;
};

/// A session with whatever answers at a hub's DATABASE_URL.
std::unique_ptr<sql_session> sql_at(const std::string& url);

/// A database in the shared cluster, which runs from then on, whatever a test before did to it.
class postgres : public database {
public:
  postgres();
  ~postgres() override;

  std::string url() const override { return cluster().url(name_); }
  std::unique_ptr<sql_session> session() const override { return cluster().session(name_); }
  const std::string& name() const { return name_; }

  static postgres_cluster& cluster() { return postgres_cluster::shared(); }

private:
  std::string name_;
};

} // namespace test
