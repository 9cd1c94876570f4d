// The move of published messages into the log.
#include "tests/log/outbox_stage.hpp"
#include "tests/support/pgbouncer.hpp"

#include <future>

using namespace hubbub;
using namespace test;
using status = outbox_progress::status;

TEST_CASE("only what is committed is moved, and a savepoint that was rolled back is not") {
  outbox_stage on;
  const auto open = on.db.session(), other = on.db.session();
  open->sql("begin; select hubbub_publish('lobby', 'kept')");
  open->sql("savepoint s; select hubbub_publish('lobby', 'undone'); rollback to s");
  other->sql("begin; select hubbub_publish('lobby', 'never'); rollback");
  CHECK(on.move().stored == 0);
  on.publish("'lobby', 'others'");
  CHECK(on.move().stored == 1); // the open transaction delays nobody
  open->sql("commit");
  CHECK(on.move().stored == 1);
  CHECK(on.stored() == strings{"others", "kept"});
}

TEST_CASE("a conflict that no call could see is set aside, and the others are stored") {
  outbox_stage on;
  const auto one = on.db.session(), two = on.db.session();
  one->sql("begin; select hubbub_publish('lobby', 'mine', key => 'k')");
  two->sql("begin; select hubbub_publish('lobby', 'theirs', key => 'k')");
  one->sql("commit");
  two->sql("commit");
  on.publish("'lobby', 'last'");
  const auto done = on.move();
  CHECK(done.stored == 2);
  CHECK(done.aside == 1);
  CHECK(on.stored() == strings{"mine", "last"});
  CHECK(on.failed() == rows{{"theirs", "key_conflict"}});
}

TEST_CASE("rows that no hub can show are set aside with a reason, and stay complete") {
  outbox_stage on;
  on.db.sql("insert into hubbub_outbox (room, text) values ('no room', 'a'), ('lobby', '')");
  on.publish("'lobby', 'long', '[12345678]', 'k'");
  on.publish("'lobby', 'fits', '[1234567]'");
  const auto done = on.move({.max_data = 9});
  CHECK(done.stored == 1);
  CHECK(done.aside == 3);
  CHECK(on.failed() == rows{{"a", "bad_room"}, {"", "no_text"}, {"long", "too_long"}});
  CHECK(on.db.sql("select room, data, key from hubbub_outbox_failed where text = 'long'") ==
        rows{{"lobby", "[12345678]", "k"}});
  CHECK(on.waiting() == "0");
}

TEST_CASE("of rows that were set aside, those that could be messages later are kept for ever") {
  outbox_stage on;
  on.db.sql("insert into hubbub_outbox_failed (id, room, text, connection_id, created_at, why) "
            "select n, 'lobby', 'old', gen_random_uuid(), now(), (array['unstorable', 'too_long', "
            "'bad_room', 'key_conflict'])[n] from generate_series(1, 4) n");
  on.db.sql("select setval(pg_get_serial_sequence('hubbub_outbox_failed', 'number'), 10003)");
  on.db.sql("insert into hubbub_outbox (room, text) values ('no room', 'new')");
  CHECK(on.move().aside == 1);
  CHECK(on.failed() == rows{{"old", "unstorable"}, {"old", "too_long"}, {"new", "bad_room"}});
}

TEST_CASE("a row that the database refuses is reported, and set aside when it is named") {
  outbox_stage on;
  on.db.sql("alter table messages add constraint polite check (text <> 'rude')");
  on.publish("'lobby', 'rude'");
  on.publish("'lobby', 'kind'");
  auto done = on.move();
  CHECK(done.state == status::refused);
  CHECK(done.tried == 2);
  CHECK(on.waiting() == "2");
  done = on.move({.rows = 1});
  CHECK(done.state == status::refused);
  CHECK(done.tried == 1);
  CHECK_FALSE(done.unclear);
  CHECK(done.why.find("polite") != std::string::npos);
  done = on.move({.unstorable = done.first});
  CHECK(done.stored == 1);
  CHECK(done.aside == 1);
  CHECK(on.failed() == rows{{"rude", "unstorable"}});
  CHECK(on.stored() == strings{"kind"});
}

TEST_CASE("rows that a trigger changes are stored as it says, and an error of it is unclear") {
  outbox_stage on;
  on.db.sql("create function shout() returns trigger language plpgsql as 'begin if new.text = "
            "''bad'' then raise exception ''no''; end if; new.text = upper(new.text); return new; "
            "end'; create trigger shout before insert on messages for each row execute function "
            "shout()");
  on.publish("'lobby', 'loud', key => 'k'");
  CHECK(on.move().stored == 1);
  on.publish("'lobby', 'loud', key => 'k'");
  CHECK(on.move().repeated == 1);
  CHECK(on.stored() == strings{"LOUD"});
  on.publish("'lobby', 'bad'");
  const auto done = on.move();
  CHECK(done.state == status::refused);
  CHECK(done.unclear);
}

TEST_CASE("a move ends at its rows and its bytes, and goes on in order") {
  outbox_stage on;
  on.db.sql("select hubbub_publish('lobby', 'm' || n) from generate_series(1, 10) n");
  auto done = on.move({.rows = 4});
  CHECK(done.stored == 4);
  CHECK(done.more);
  done = on.move({.bytes = 5});
  CHECK(done.stored == 3);
  CHECK(done.more);
  CHECK(on.move().stored == 3);
  CHECK(on.stored() == strings{"m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10"});
}

TEST_CASE("only a slow search for earlier rows is put off, not one beside a slow page") {
  outbox_stage on;
  on.publish("'lobby', 'first'");
  on.move();
  const auto other = on.db.session();
  const auto move_behind_lock = [&] { // the page waits for the lock, and the search does not
    on.publish("'lobby', 'next'");
    other->sql("begin; lock table hubbub_outbox");
    auto move = std::async(std::launch::async, [&] { return on.hub.writes->move_outbox({}); });
    eventually("the move has waited for longer than a quick search takes, or given up", [&] {
      return move.wait_for(0s) == std::future_status::ready ||
             on.db.value("select count(*) from pg_locks where not granted and relation = "
                         "'hubbub_outbox'::regclass and waitstart < clock_timestamp() - "
                         "interval '50 ms'") == "1";
    });
    other->sql("commit");
    try {
      return move.get().look_again == 0ms;
    } catch (const log_unavailable&) {
      return false;
    }
  };
  // The search itself may be slow too, on a machine that is busy.
  eventually("a search that is not put off", move_behind_lock);
}

TEST_CASE("while an older hub lives, rows with data wait and others do not") {
  outbox_stage on;
  on.publish("'lobby', 'data', '1'");
  on.publish("'lobby', 'text'");
  CHECK(on.move({.with_data = false}).stored == 1);
  CHECK(on.stored() == strings{"text"});
  CHECK(on.move().stored == 1);
  CHECK(on.stored() == strings{"text", "data"});
}

TEST_CASE("of two hubs one moves at a time, and an append waits only for its transaction") {
  outbox_stage on;
  one_hub other{on.db};
  other.writes->open();
  on.publish("'lobby', 'one'");
  const auto mover = on.db.session();
  mover->sql("begin; select pg_advisory_xact_lock(cast(cast(cast('hubbub_outbox' as regclass) as "
             "oid) as int4), 1)");
  CHECK(on.move().state == status::busy);
  on.hub.store({"meanwhile"});
  mover->sql("commit");
  CHECK(other.writes->move_outbox({}).stored == 1);
  CHECK(on.move().stored == 0);
  CHECK(on.stored() == strings{"meanwhile", "one"});
}

TEST_CASE("a publication takes no lock that an append waits for, nor the other way round") {
  outbox_stage on;
  const auto open = on.db.session();
  open->sql("begin; select hubbub_publish('lobby', 'late')");
  on.hub.store({"one"});
  const auto append = on.db.session();
  append->sql("begin; select pg_advisory_xact_lock(7526466502384809314)");
  on.publish("'lobby', 'two'");
  append->sql("commit");
  CHECK(on.move().stored == 1);
  open->sql("commit");
  CHECK(on.move().stored == 1);
  CHECK(on.stored() == strings{"one", "two", "late"});
}

TEST_CASE("a move behind a pooler in transaction mode stores the same") {
  outbox_stage on;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  const auto log = make_sql_log(parse_database_url(pooler.url(on.db.name())));
  log->open();
  CHECK(log->move_outbox({.expects_none = true}).stored == 0);
  on.publish("'lobby', 'one', key => 'k'");
  on.publish("'lobby', 'two'");
  CHECK(log->move_outbox({.expects_none = true}).stored == 2);
  CHECK(on.stored() == strings{"one", "two"});
}

TEST_CASE("a move stores nothing on a branch that it does not know, and ids stay after a fork") {
  outbox_stage on;
  const auto seen = on.hub.store({"one", "two"});
  lose_rows(on.db, seen[0]);
  on.publish("'lobby', 'new'");
  CHECK_THROWS_AS(on.move(), log_forked);
  CHECK(on.waiting() == "1");
  on.hub.writes->open();
  const auto done = on.move();
  CHECK(done.stored == 1);
  CHECK(done.newest > seen[1] + (row_id{1} << 32));
}

TEST_CASE("SQLite has no outbox") {
  sqlite db;
  CHECK(open_log(db)->move_outbox({}).state == status::absent);
}
