// The real hub and the real database behind it, to be hurt in every manner they know. Knows how;
// must not know when.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/torture/proxy.hpp"

#include <optional>

namespace torture {

enum class database_kind { postgresql, sqlite };

/// One thread at a time: the one that made it.
class stage {
public:
  stage(database_kind kind, std::uint64_t seed);

  test::hub& hub() { return *hub_; }
  database_kind kind() const { return kind_; }

  test::postgres_cluster& cluster() { return *cluster_; }
  torture::proxy& proxy() { return *proxy_; }

  /// Past the proxy.
  std::unique_ptr<test::sql_session> session() const;

private:
  const database_kind kind_;
  std::optional<test::postgres_cluster> cluster_;
  std::optional<torture::proxy> proxy_;
  std::optional<test::sqlite> file_;
  std::optional<test::hub> hub_;
};

} // namespace torture
