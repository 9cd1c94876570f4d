// Synchronous replication to a standby that does not exist, in the tests' shared cluster. Must not
// know which commits wait.
#pragma once

#include "tests/support/postgres.hpp"

#include <thread>

namespace test {

/// During its lifetime, every commit in the shared cluster that has written anything waits for the
/// standby.
class lost_standby {
public:
  lost_standby() {
    set("alter system set synchronous_standby_names = 'lost'");
    // The server applies the setting some time after pg_reload_conf(). A commit that waits proves
    // that it has.
    std::thread writer([] {
      try {
        const auto session = postgres::cluster().session("postgres");
        session->sql("set application_name = 'writer'; set statement_timeout = 0");
        for (;;)
          session->sql("comment on database postgres is 'of the tests'");
      } catch (const std::runtime_error&) {
      }
    });
    const auto admin = postgres::cluster().session("postgres");
    const std::string writers = " from pg_stat_activity where application_name = 'writer'";
    try {
      eventually("commits to wait", [&] {
        return !admin->sql("select pid" + writers + " and wait_event = 'SyncRep'").empty();
      });
    } catch (const timeout&) {
      admin->sql("select pg_terminate_backend(pid)" + writers);
      writer.join();
      throw;
    }
    admin->sql("select pg_terminate_backend(pid)" + writers);
    writer.join();
  }
  ~lost_standby() { set("alter system reset synchronous_standby_names"); }
  lost_standby(const lost_standby&) = delete;
  lost_standby& operator=(const lost_standby&) = delete;

private:
  static void set(const std::string& how) {
    const auto admin = postgres::cluster().session("postgres");
    admin->sql(how);
    admin->sql("select pg_reload_conf()");
  }
};

} // namespace test
