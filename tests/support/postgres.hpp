// A real PostgreSQL of the tests: a cluster in a temporary folder, and databases in it. Must not
// know the hub's tables.
#pragma once

#include "tests/support/database.hpp"
#include "tests/support/kill_on_death.hpp"
#include "tests/support/process.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>

namespace test {

/// Whether a commit waits for the disk. `fast` is enough for a test that kills processes but not
/// the machine.
enum class durability { fast, full };

enum class stop_mode { fast, immediate };

/// A PostgreSQL cluster. It listens on 127.0.0.1, with a password (SCRAM), and on a Unix socket in
/// its folder, without one. Its time zone is Asia/Kolkata, so that code that forgets the time zone
/// shows wrong times. The constructor starts the cluster, the destructor kills it. *Threads*: one
/// at a time.
class postgres_cluster {
public:
  explicit postgres_cluster(durability how = durability::fast);

  /// A streaming standby of that cluster.
  explicit postgres_cluster(const postgres_cluster& primary);
  ~postgres_cluster();

  /// The cluster that all tests of this program share. The first call creates it.
  static postgres_cluster& shared();

  /// Starts or resumes the cluster if necessary. Returns when it accepts connections.
  void start();
  void stop(stop_mode how = stop_mode::fast);
  void restart() { stop(), start(); }

  /// Sends SIGKILL to every process of the cluster and waits until all have ended.
  void kill();

  /// Sends SIGSTOP to every process of the cluster. The kernel still accepts connections, but
  /// nothing answers.
  void pause();
  void pause(std::vector<pid_t> some); ///< Pauses only these processes of the cluster.
  void resume();

  // -- replication, in postgres_standby.cpp -----------------------------------

  /// Makes this cluster a streaming standby of that one. The cluster loses its own data and keeps
  /// its port. Returns when the stream has begun. The primary must accept connections.
  void follow(const postgres_cluster& primary);

  /// Ends the stream from the primary that this standby follows. Returns when the standby receives
  /// nothing more, so that later commits of the primary do not reach it. The primary must run.
  void stop_following(const postgres_cluster& primary);

  /// Makes the standby a primary with a new timeline. Returns when it accepts writes.
  void promote();

  /// Whether this standby has stored everything that the primary has written before the call.
  bool has_all_of(const postgres_cluster& primary) const;

  std::uint16_t port() const { return port_.number(); }
  std::string url(const std::string& name) const;
  std::unique_ptr<sql_session> session(const std::string& name) const;

private:
  void give_folder_to_server() const;
  command server_command(const std::string& program, std::vector<std::string> arguments) const;
  std::vector<pid_t> processes() const;

  temp_dir folder_;
  durability durability_;
  held_port port_;
  std::unique_ptr<process> server_;
  std::vector<pid_t> paused_;
  std::unique_ptr<kill_on_death> kill_on_death_;
};

/// A session with the server of a hub's DATABASE_URL, which may be a pooler.
std::unique_ptr<sql_session> sql_at(const std::string& url);

/// A new database in the shared cluster. The constructor starts the cluster if an earlier test has
/// stopped or paused it.
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
