// The real hubs, the real database behind them, and everything that can inject a fault between
// them. Knows the processes and proxies; must not know when a fault happens.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/torture/balancer.hpp"
#include "tests/torture/proxy.hpp"

#include <optional>

namespace torture {

enum class database_kind { postgresql, sqlite };

/// Whether PostgreSQL has a standby, and whether a commit waits for it.
enum class replication { none, asynchronous, synchronous };

/// Threads: only the thread that made it, which is the parent of the processes.
class testbed {
public:
  /// Several hubs share one PostgreSQL and have a balancer in front of them.
  /// If `older` is not empty, it is the path of an older hub, and all hubs are such ones first.
  testbed(database_kind kind, std::size_t hubs, std::uint64_t seed,
          replication how = replication::none, std::string older = {});

  std::size_t hubs() const { return hubs_.size(); }
  test::hub& hub(std::size_t which) { return *hubs_[which]; }

  /// The hub is of that version from its next start on.
  void set_newer(std::size_t which, bool newer) { hubs_[which]->set_binary(newer ? "" : older_); }
  bool has_older() const { return !older_.empty(); }

  /// The port that clients connect to.
  std::uint16_t port() const { return balancer_ ? balancer_->port() : hubs_[0]->port(); }
  const torture::balancer& balancer() const { return *balancer_; }

  database_kind kind() const { return kind_; }
  replication replicates() const { return replication_; }

  /// The primary, which is the only server where there is no replication.
  test::postgres_cluster& cluster() { return *servers_[primary_]; }
  test::postgres_cluster& standby() { return *servers_[1 - primary_]; }

  /// The standby has been promoted, and the two servers change their roles.
  void change_roles() { primary_ = 1 - primary_; }

  /// The proxy between that hub and the primary.
  torture::proxy& proxy(std::size_t hub) { return *proxies_[hub * servers_.size() + primary_]; }

  /// The standby has ended, or is there again. A hub cannot connect to it meanwhile.
  void standby_listens(bool on);

  /// Every connection from a hub to a server is cut and refused until `heal_proxies`.
  void cut_off_hubs();

  /// Ends every fault of the proxies except lost listeners.
  void heal_proxies();

  /// A session with the primary that does not go through a proxy.
  std::unique_ptr<test::sql_session> session() const;

private:
  std::string url_of_hub(std::uint64_t seed);

  const database_kind kind_;
  const replication replication_;
  const std::string older_;
  std::vector<std::unique_ptr<test::postgres_cluster>> servers_;
  std::size_t primary_ = 0;
  std::optional<test::sqlite> file_;
  std::vector<std::unique_ptr<torture::proxy>> proxies_; ///< For each hub, one to each server.
  std::vector<std::unique_ptr<test::hub>> hubs_;
  std::optional<torture::balancer> balancer_;
};

} // namespace torture
