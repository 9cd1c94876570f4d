// The contract of the log behind a pooler, where each transaction may run in another session.
#include "storage/postgres_peer_hubs.hpp"
#include "tests/log/logs.hpp"
#include "tests/support/each_pooling.hpp"

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

TEST_CASE("logs share the sessions of a pooler, and each finds the rows that it has stored") {
  const auto how = each_pooling();
  postgres db;
  pgbouncer pooler{postgres::cluster(), how};
  const auto where = parse_database_url(pooler.url(db.name()));
  const auto one = make_sql_log(where), two = make_sql_log(where);
  CHECK(one->open().identity == two->open().identity);
  const auto ann = someone(), bob = someone();
  for (int i = 0; i < 5; ++i) {
    std::vector<draft> hers{says(ann, "a"), says(ann, "key", "k" + std::to_string(i))},
        his{says(bob, "key", "k" + std::to_string(i)), says(bob, "b")};
    CHECK(append(*one, hers).receipts[1].number == 2 * i + 2);
    const auto result = append(*two, his);
    CHECK(result.receipts[0].result == append_result::found);
    CHECK(result.receipts[1].number == i + 1);
    one->check();
    two->check();
    CHECK(texts(two->before("lobby", no_end, 3)) == strings{"a", "key", "b"});
    CHECK(texts(one->newest({"lobby"}, no_end, 3)) == strings{"a", "key", "b"});
  }
  CHECK(one->newest_id() == two->newest_id());
  CHECK(one->after(0, no_end, 100).size() == 15);
}

TEST_CASE("a call that waits for a lock gives up by itself behind a pooler too") {
  postgres db;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  const auto log = make_sql_log(parse_database_url(pooler.url(db.name())));
  log->open();
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one"), says(ann, "two")};
  const auto other = db.session();
  other->sql("set statement_timeout = 0; begin; lock table messages in access exclusive mode");
  CHECK_THROWS_AS(append(*log, batch), log_unavailable);
  CHECK_THROWS_AS(log->before("lobby", 1, 1), log_unavailable);
  CHECK_THROWS_AS(log->check(), log_unavailable);
  other->sql("commit");
  CHECK(append(*log, batch).receipts[1].number == 2);
}

TEST_CASE("hubs notify each other through a pooler in session mode, and not in transaction mode") {
  postgres db;
  open_log(db);
  pgbouncer sessions{postgres::cluster(), pooling::session},
      transactions{postgres::cluster(), pooling::transaction};
  CHECK(make_peer_hubs(parse_database_url(sessions.url(db.name())))->wait().reconnected);
  auto where = parse_database_url(transactions.url(db.name()));
  CHECK_THROWS_AS(make_peer_hubs(where)->wait(), log_unavailable);
  where.listen_connection_string = parse_database_url(db.url()).connection_string;
  CHECK(make_peer_hubs(where)->wait().reconnected);
  where.listen_connection_string = where.connection_string;
  CHECK_THROWS_AS(make_peer_hubs(where)->wait(), log_unavailable);
}
