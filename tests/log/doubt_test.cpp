// The promises of the log when the database becomes unavailable during a call.
#include "tests/log/logs.hpp"

#include <thread>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES("drafts that an append stored without an answer are found, and later drafts are "
                  "numbered after them") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one"), says(ann, "two", "k")};
  // The answer never comes: the drafts remember their numbers, the author's counter does not move.
  const auto first = log->append(batch);
  batch.push_back(says(ann, "three"));
  const auto second = append(*log, batch);
  CHECK(second.receipts[0].result == append_result::found);
  CHECK(second.receipts[0].id == first.receipts[0].id);
  CHECK(second.receipts[1].result == append_result::found);
  CHECK(second.receipts[1].id == first.receipts[1].id);
  CHECK(second.receipts[2].number == 3);
  CHECK(ann->last_number == 3);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"one", "two", "three"});
}

ON_BOTH_DATABASES(
    "drafts that an append without an answer did not store are stored with the same numbers") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one"), says(ann, "two", "k")};
  batch[0].attempted_number = 1;
  batch[1].attempted_number = 2;
  const auto result = append(*log, batch);
  CHECK(result.receipts[0].result == append_result::stored);
  CHECK(result.receipts[0].number == 1);
  CHECK(result.receipts[1].number == 2);
}

TEST_CASE(
    "calls fail while the server is unavailable, and succeed on the same log when it is back") {
  postgres db;
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "before")};
  append(*log, batch);
  postgres::cluster().kill();
  batch = {says(ann, "while away")};
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  CHECK_THROWS_AS(log->check(), log_unavailable);
  CHECK_THROWS_AS(log->after(0, no_end, 10), log_unavailable);
  postgres::cluster().start();
  log->check();
  CHECK(append(*log, batch).receipts[0].number == 2);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"before", "while away"});
}

TEST_CASE("the next call replaces a session that the server has ended") {
  postgres db;
  const auto log = open_log(db);
  const auto ann = someone();
  log->check();
  db.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hubbub' "
         "and "
         "datname = current_database()");
  std::vector<draft> batch{says(ann, "again")};
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  CHECK(append(*log, batch).receipts[0].number == 1);
}

TEST_CASE("an append waits for the append of another hub, and ids grow in commit order") {
  postgres db;
  const auto log = open_log(db);
  const auto other = db.session();
  other->sql(
      "begin; select pg_advisory_xact_lock(7526466502384809314); insert into messages (text, "
      "connection_id, user_message_number, key) values ('theirs', '" +
      to_string(someone()->id) + "', 1, 'k')");
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "mine"), says(ann, "theirs", "k")};
  appended result;
  std::thread mine([&] { result = append(*log, batch); });
  eventually("the append waits for the lock", [&] {
    return db.value("select count(*) from pg_locks where locktype = 'advisory' and not granted") ==
           "1";
  });
  other->sql("commit");
  mine.join();
  CHECK(texts(log->after(0, no_end, 10)) == strings{"theirs", "mine"});
  CHECK(result.receipts[1].result ==
        append_result::found); // its key was committed while the append waited
}

TEST_CASE("a file that another process has locked makes an append fail, until it is unlocked") {
  sqlite db;
  const auto log = open_log(db);
  const auto other = db.session();
  other->sql("begin immediate");
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "late")};
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  other->sql("commit");
  CHECK(append(*log, batch).receipts[0].number == 1);
}
