// The real hubs and the real database behind them, to be hurt in every manner they know. Knows how;
// must not know when.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/torture/balancer.hpp"
#include "tests/torture/proxy.hpp"

#include <optional>

namespace torture {

enum class database_kind { postgresql, sqlite };

/// One thread at a time: the one that made it.
class stage {
public:
  /// Several hubs share one PostgreSQL, and have a balancer in front of them.
  stage(database_kind kind, std::size_t hubs, std::uint64_t seed);

  std::size_t hubs() const { return hubs_.size(); }
  test::hub& hub(std::size_t which) { return *hubs_[which]; }

  /// Where clients come in.
  std::uint16_t port() const { return balancer_ ? balancer_->port() : hubs_[0]->port(); }
  const torture::balancer& balancer() const { return *balancer_; }

  database_kind kind() const { return kind_; }
  test::postgres_cluster& cluster() { return *cluster_; }

  /// The way of that hub to PostgreSQL.
  torture::proxy& proxy(std::size_t hub) { return *proxies_[hub]; }

  /// Past the proxies.
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
