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

/// Threads: only the thread that made it, which is the parent of the processes.
class testbed {
public:
  /// Several hubs share one PostgreSQL and have a balancer in front of them.
  testbed(database_kind kind, std::size_t hubs, std::uint64_t seed);

  std::size_t hubs() const { return hubs_.size(); }
  test::hub& hub(std::size_t which) { return *hubs_[which]; }

  /// The port that clients connect to.
  std::uint16_t port() const { return balancer_ ? balancer_->port() : hubs_[0]->port(); }
  const torture::balancer& balancer() const { return *balancer_; }

  database_kind kind() const { return kind_; }
  test::postgres_cluster& cluster() { return *cluster_; }

  /// The proxy between that hub and PostgreSQL.
  torture::proxy& proxy(std::size_t hub) { return *proxies_[hub]; }

  /// A database session that does not go through a proxy.
  std::unique_ptr<test::sql_session> session() const;

private:
  const database_kind kind_;
  std::optional<test::postgres_cluster> cluster_;
  std::optional<test::sqlite> file_;
  std::vector<std::unique_ptr<torture::proxy>> proxies_;
  std::vector<std::unique_ptr<test::hub>> hubs_;
  std::optional<torture::balancer> balancer_;
};

} // namespace torture
