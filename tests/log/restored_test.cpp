// What the log does after an operator has restored an older state and says so.
#include "storage/fork_record.hpp"
#include "storage/restored.hpp"
#include "tests/log/one_hub.hpp"

#include <thread>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES(
    "after a restore the operator's word makes the fork, and hubs that run follow it") {
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b"});
  const auto log = record_restore(hub.where);
  REQUIRE(log.forks.size() == 1);
  CHECK(log.forks[0].after == 2);
  CHECK_THROWS_AS(hub.store({"c"}), log_forked);
  CHECK(hub.writes->open().forks == log.forks);
  CHECK(hub.store({"c"})[0] == log.forks[0].first);
  CHECK(record_restore(hub.where).forks.back().after == log.forks[0].first);
}

ON_BOTH_DATABASES("after a restore with a damaged record of forks the log has another UUID") {
  one_hub hub(db);
  const auto before = hub.writes->open();
  db.sql("update hubbub_meta set value = 'x' where name = 'forks'");
  const auto log = record_restore(hub.where);
  CHECK(log.forks.empty());
  CHECK(log.identity != before.identity);
  CHECK_THROWS_AS(hub.writes->verify(), log_replaced);
}

ON_BOTH_DATABASES("a fork that is recorded while a reader follows the rows is noticed by its ids") {
  one_hub hub(db), other(db);
  hub.writes->open(), other.writes->open();
  hub.store({"a"});
  CHECK(texts(other.writes->after(0, no_end, 10)) == strings{"a"});
  record_restore(hub.where);
  hub.writes->open();
  hub.store({"b"});
  CHECK_THROWS_AS(other.writes->after(1, no_end, 10), log_forked);
  CHECK_THROWS_AS(other.reads->before("lobby", no_end, 10), log_forked);
  CHECK(other.writes->open().forks.size() == 1);
  CHECK(texts(other.writes->after(1, no_end, 10)) == strings{"b"});
}

TEST_CASE(
    "an insert that waits while a restore is recorded stores its rows once, behind the fork") {
  postgres db;
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a"});
  const auto holder = db.session();
  holder->sql("begin; select pg_advisory_xact_lock(7526466502384809314); update hubbub_meta set "
              "value = '[[1,5000000000]]' where name = 'forks'; select setval('messages_id_seq', "
              "4999999999)");
  std::vector<draft> batch{says(someone(), "b")};
  std::thread waits([&] { CHECK_THROWS_AS(hub.writes->append(batch), log_forked); });
  eventually("the insert to wait for the lock", [&] {
    return db.value("select count(*) from pg_stat_activity where wait_event = 'advisory'") != "0";
  });
  holder->sql("commit");
  waits.join();
  CHECK(hub.writes->open().forks.size() == 1);
  const auto done = append(*hub.writes, batch);
  CHECK(done.receipts[0].id == 5000000000);
  CHECK(done.receipts[0].result == append_result::found);
  CHECK(db.value("select count(*) from messages") == "2");
}

ON_BOTH_DATABASES("an empty database has no log that could have been restored") {
  CHECK_THROWS_AS(record_restore(parse_database_url(db.url())), log_unavailable);
}

ON_BOTH_DATABASES("the oldest of a hundred forks is forgotten for a new one") {
  one_hub hub(db);
  hub.writes->open();
  for (std::size_t i = 0; i < max_forks + 2; ++i)
    record_restore(hub.where);
  const auto log = hub.writes->open();
  CHECK(log.forks.size() == max_forks);
  CHECK(hub.store({"a"})[0] == log.forks.back().first);
}
