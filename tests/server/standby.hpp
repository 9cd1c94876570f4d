// A primary with a standby, and hubs that know both.
// Knows: how a primary is lost. Must not know: what the hub says about it.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/postgres.hpp"

#include <optional>

namespace test {

/// Two clusters with a database `log`. The second one streams from the first one.
class replicated_database {
public:
  replicated_database() {
    primary.session("postgres")->sql("create database log");
    standby.emplace(primary);
  }

  postgres_cluster primary;
  std::optional<postgres_cluster> standby;

  /// The settings of a hub: both servers, the old primary first.
  settings both() const {
    return {
        {"DATABASE_URL", "postgresql://hubbub:secret@127.0.0.1:" + std::to_string(primary.port()) +
                             ",127.0.0.1:" + std::to_string(standby->port()) + "/log"}};
  }

  /// From now on the standby receives nothing of what the primary commits.
  void cut() {
    eventually("the standby to have everything", [&] { return standby->has_all_of(primary); });
    standby->stop_following(primary);
  }

  void fail_over() {
    primary.kill();
    standby->promote();
  }

  rows on_standby(const std::string& text) const { return standby->session("log")->sql(text); }
};

} // namespace test
