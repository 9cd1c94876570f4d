// The log with a PostgreSQL that keeps a call waiting.
#include "tests/log/logs.hpp"
#include "tests/support/lost_standby.hpp"

#include <thread>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

namespace {

const std::string ours = " from pg_stat_activity where datname = current_database() and "
                         "application_name = 'hubbub'";

} // namespace

TEST_CASE("a call that waits for a lock gives up by itself and keeps its session") {
  postgres db;
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one", "k"), says(ann, "two")};
  log->check();
  const auto session = db.value("select pid" + ours);
  const auto other = db.session();
  other->sql("set statement_timeout = 0; begin; lock table messages in access exclusive mode");
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  CHECK_THROWS_AS(log->before("lobby", 1, 1), log_unavailable);
  CHECK_THROWS_AS(log->check(), log_unavailable);
  CHECK(db.sql("select pid" + ours) == rows{{session}});
  other->sql("commit");
  CHECK(append(*log, batch).receipts[1].number == 2);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"one", "two"});
  CHECK(db.sql("select pid" + ours) == rows{{session}});
}

TEST_CASE(
    "the session of a call that is interrupted while it waits for a lock ends within seconds") {
  postgres db;
  const auto log = open_log(db);
  log->check();
  const auto other = db.session();
  other->sql("set statement_timeout = 0; begin; lock table messages in access exclusive mode");
  std::thread first([&] { CHECK_THROWS_AS(log->check(), log_unavailable); });
  eventually("the wait", [&] {
    return db.value("select count(*)" + ours + " and wait_event_type = 'Lock'") == "1";
  });
  log->interrupt();
  first.join();
  eventually("the end of its session", [&] { return db.value("select count(*)" + ours) == "0"; });
  other->sql("commit");
  log->check();
}

TEST_CASE(
    "a commit that waits for a standby is not cancelled, and its rows are found when it ends") {
  postgres db;
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one"), says(ann, "two", "k")};
  const std::string waiting = "select pid" + ours + " and wait_event = 'SyncRep'";
  {
    const lost_standby lost;
    std::thread first([&] { CHECK_THROWS_AS(append(*log, batch), log_unavailable); });
    eventually("the commit waits", [&] { return db.sql(waiting).size() == 1; });
    const auto held = db.sql(waiting);
    log->interrupt();
    first.join();
    CHECK_THROWS_AS(append(*log, batch), log_unavailable);
    CHECK_THROWS_AS(log->check(), log_unavailable);
    CHECK(db.sql(waiting) == held);
    CHECK(db.value("select count(*)" + ours) == "2");
    CHECK(log->newest_id() == 0); // rows in doubt are not visible
  }
  const auto result = append(*log, batch);
  CHECK(result.receipts[0].result == append_result::found);
  CHECK(result.receipts[1].result == append_result::found);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"one", "two"});
  CHECK(ann->last_number == 2);
}

TEST_CASE("a restart of the server between two calls makes no reading call fail") {
  postgres db;
  const auto log = open_log(db);
  log->check();
  postgres::cluster().restart();
  SUBCASE("a check") {
    CHECK_NOTHROW(log->check());
  }
  SUBCASE("a page") {
    CHECK_NOTHROW(log->before("lobby", 1, 1));
  }
  SUBCASE("the newest id") {
    CHECK_NOTHROW(log->newest_id());
  }
}
