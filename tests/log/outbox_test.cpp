// Messages that applications publish by SQL, and their move into the log.
#include "storage/postgres_peer_hubs.hpp"
#include "tests/log/one_hub.hpp"
#include "tests/support/older_hub.hpp"
#include "tests/support/pgbouncer.hpp"

#include <atomic>
#include <optional>
#include <thread>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;
using status = outbox_progress::status;

namespace {

/// A database with a log, and the hub that moves.
struct stage {
  postgres db;
  one_hub hub{db};
  stage() { hub.writes->open(); }

  /// Moves once. A search that was put off, because the machine is slow, is waited for.
  outbox_progress move(const outbox_limits& most = {}) {
    auto done = hub.writes->move_outbox(most);
    while (done.stored + done.repeated + done.aside == 0 && done.look_again.count() > 0)
      done = hub.writes->move_outbox(most);
    return done;
  }

  void publish(const std::string& arguments) { db.sql("select hubbub_publish(" + arguments + ")"); }

  strings stored() { return texts(hub.reads->after(0, no_end, 1000)); }

  rows failed() { return db.sql("select text, why from hubbub_outbox_failed order by number"); }

  std::string waiting() { return db.value("select count(*) from hubbub_outbox"); }
};

/// The SQLSTATE and the detail of the error of a call.
std::string refusal_of(const test::database& db, const std::string& arguments) {
  return db.value(
      "create or replace function pg_temp.try() returns text language plpgsql as $$ "
      "declare code text; why text; begin perform hubbub_publish(" +
      arguments +
      "); return 'none'; exception when others then get stacked diagnostics code = "
      "returned_sqlstate, why = pg_exception_detail; return code || ' ' || why; end $$; "
      "select pg_temp.try()");
}

} // namespace

TEST_CASE("what is published is stored as said, in its order, each by an author of its own") {
  stage on;
  on.publish("'lobby', 'one'");
  on.publish("'garden', 'two', ' {\"a\": [1, null]} ', 'k'");
  on.publish("room => 'lobby', data => '\"\\u0000 \\ud800\"'");
  on.publish("'lobby', '', jsonb_build_object('order', 7), key => 'j'");
  const auto done = on.move();
  CHECK(done.stored == 4);
  CHECK_FALSE(done.more);
  const auto all = on.hub.reads->after(0, no_end, 10);
  REQUIRE(all.size() == 4);
  CHECK(done.newest == all[3].id);
  CHECK(texts(all) == strings{"one", "two", "", ""});
  CHECK(all[1].room == "garden");
  CHECK(all[1].data == "{\"a\": [1, null]}");
  CHECK(all[1].key == "k");
  CHECK(all[2].data == "\"\\u0000 \\ud800\"");
  CHECK(all[3].data == "{\"order\": 7}");
  for (const auto& m : all)
    CHECK(m.user_message_number == 1);
  CHECK(all[0].connection_id != all[1].connection_id);
  CHECK(on.waiting() == "0");
  CHECK(on.move().stored == 0);
}

TEST_CASE("only what is committed is moved, and a savepoint that was rolled back is not") {
  stage on;
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

TEST_CASE("the functions refuse what the hub refuses, with SQLSTATE 22023 and its code") {
  stage on;
  const auto is = [&](const std::string& arguments) { return refusal_of(on.db, arguments); };
  CHECK(is("'lobby', 'fine'") == "none");
  CHECK(is("'Größe.日本語_नमस्ते-7', 'fine'") == "none");
  CHECK(is("repeat('ü', 64), 'fine'") == "none");
  CHECK(is("'a' || repeat(chr(775), 63), 'fine'") == "none");
  for (const auto* const room : {"''", "'two words'", "'a/b'", "'😀'", "repeat('ü', 65)", "null",
                                 "'a' || chr(10)", "chr(8205) || 'a'", "repeat('x', 2000)"}) {
    CAPTURE(room);
    CHECK(is(room + std::string(", 'text'")) == "22023 bad_room");
  }
  CHECK(is("'lobby'") == "22023 no_text");
  CHECK(is("'lobby', null, cast(null as jsonb)") == "22023 no_text");
  CHECK(is("'lobby', repeat('ü', 1000)") == "none");
  CHECK(is("'lobby', repeat('ü', 1001)") == "22023 too_long");
  CHECK(is("'lobby', 'a', key => ''") == "22023 bad_key");
  CHECK(is("'lobby', 'a', key => repeat('ü', 64)") == "none");
  CHECK(is("'lobby', 'a', key => repeat('ü', 65)") == "22023 bad_key");
  for (const auto* const data : {"''", "'{'", "'1 2'", "'{a:1}'", "repeat('[', 200000)"}) {
    CAPTURE(data);
    CHECK(is(std::string("'lobby', data => ") + data) == "22023 bad_json");
  }
  CHECK(is("'lobby', data => '\"' || repeat('x', 262142) || '\"'") == "none");
  CHECK(is("'lobby', data => '\"' || repeat('x', 262143) || '\"'") == "22023 too_long");
}

TEST_CASE("a name of a room is brought to the form that the hub uses") {
  stage on;
  on.publish("'e' || chr(769), 'decomposed'");
  on.move();
  CHECK(on.hub.reads->after(0, no_end, 10).at(0).room == "é");
}

TEST_CASE("a key with other content is refused at the call, and equal content is dropped") {
  stage on;
  const auto is = [&](const std::string& arguments) { return refusal_of(on.db, arguments); };
  on.publish("'lobby', 'first', key => 'k'");
  CHECK(is("'lobby', 'other', key => 'k'") == "22023 key_conflict");
  on.move();
  CHECK(is("'lobby', 'other', key => 'k'") == "22023 key_conflict");
  CHECK(is("'garden', 'first', key => 'k'") == "22023 key_conflict");
  CHECK(is("'lobby', 'first', '1', key => 'k'") == "22023 key_conflict");
  CHECK(is("'lobby', 'first', key => 'k'") == "none");
  const auto done = on.move();
  CHECK(done.repeated == 1);
  CHECK(done.stored == 0);
  CHECK(on.stored() == strings{"first"});
  CHECK(on.waiting() == "0");
}

TEST_CASE("a conflict that no call could see is set aside, and the others are stored") {
  stage on;
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
  stage on;
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

TEST_CASE("a row that the database refuses is reported, and set aside when it is named") {
  stage on;
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
  stage on;
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
  stage on;
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

TEST_CASE("while an older hub lives, rows with data wait and others do not") {
  stage on;
  on.publish("'lobby', 'data', '1'");
  on.publish("'lobby', 'text'");
  CHECK(on.move({.with_data = false}).stored == 1);
  CHECK(on.stored() == strings{"text"});
  CHECK(on.move().stored == 1);
  CHECK(on.stored() == strings{"text", "data"});
}

TEST_CASE("of two hubs one moves at a time, and an append waits only for its transaction") {
  stage on;
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
  stage on;
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

TEST_CASE("a role with EXECUTE alone can publish, and can neither read nor write the tables") {
  stage on;
  on.db.sql("drop role if exists app; create role app login password 'secret'");
  auto url = on.db.url();
  url.replace(url.find("hubbub:"), 7, "app:");
  const auto app = sql_at(url);
  const auto denied = [&](const std::string& statement) {
    CAPTURE(statement);
    try {
      app->sql(statement);
      return false;
    } catch (const std::runtime_error& e) {
      return std::string(e.what()).find("permission denied") != std::string::npos;
    }
  };
  CHECK(denied("select hubbub_publish('lobby', 'a')"));
  CHECK(denied("select hubbub_publish('lobby', 'a', '1'::jsonb)"));
  on.db.sql("grant execute on function hubbub_publish(text, text, text, text), "
            "hubbub_publish(text, text, jsonb, text) to app");
  app->sql("select hubbub_publish('lobby', 'a', key => 'k')");
  app->sql("select hubbub_publish('lobby', 'b', '1'::jsonb)");
  for (const auto* const table : {"hubbub_outbox", "hubbub_outbox_failed", "messages"}) {
    CHECK(denied(std::string("select * from ") + table));
    CHECK(denied(std::string("insert into ") + table + " (room, text) values ('lobby', 'x')"));
    CHECK(denied(std::string("update ") + table + " set text = 'x'"));
    CHECK(denied(std::string("delete from ") + table));
  }
  CHECK(on.move().stored == 2);

  // Names that the caller defines change nothing.
  app->sql("create temporary table messages (room text, text text, data text, key text); "
           "create temporary table hubbub_outbox (room text, text text, data text, key text); "
           "create function pg_temp.pg_notify(text, text) returns void language sql as "
           "'select 1/0'; set search_path = pg_temp, public");
  app->sql("set standard_conforming_strings = off; select public.hubbub_publish('größe', 'c')");
  CHECK(app->sql("select count(*) from pg_temp.hubbub_outbox") == rows{{"0"}});
  CHECK(on.move().stored == 1);

  // The grants outlive another start and a later version of the functions.
  on.db.sql("update pg_proc set prosrc = replace(prosrc, 'version 1', 'version 0') where proname = "
            "'hubbub_publish'");
  one_hub(on.db).writes->open();
  CHECK(on.db.value("select count(*) from pg_proc where proname = 'hubbub_publish' and prosrc like "
                    "'%version 1,%'") == "2");
  app->sql("select public.hubbub_publish('lobby', 'd')");
  CHECK(on.move().stored == 1);
  on.db.sql("drop owned by app cascade; drop role app");
}

TEST_CASE("without the right to create functions a hub works, and says so") {
  postgres db;
  open_log(db);
  db.sql("drop function hubbub_publish(text, text, text, text)");
  db.sql("drop role if exists weak; create role weak login password 'secret'; "
         "grant select, insert, update, delete on messages, hubbub_meta, hubbub_hubs, "
         "hubbub_presence to weak; grant usage on all sequences in schema public to weak; "
         "revoke create on schema public from public");
  auto url = db.url();
  url.replace(url.find("hubbub:"), 7, "weak:");
  const auto log = make_sql_log(parse_database_url(url));
  CHECK(log->open().notice.find("hubbub_publish") != std::string::npos);
  const auto done = log->move_outbox({});
  CHECK(done.state == status::absent);
  CHECK(done.why.find("rights") != std::string::npos);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one")};
  CHECK(append(*log, batch).receipts[0].id == 1);
  db.sql("drop owned by weak cascade; drop role weak");
}

TEST_CASE("the outbox of a log in a schema of its own is in that schema") {
  postgres db;
  db.sql("create schema \"its own\"; alter role hubbub in database " + db.name() +
         " set search_path = \"its own\"");
  one_hub hub{db};
  hub.writes->open();
  db.sql("set search_path = public; select \"its own\".hubbub_publish('lobby', 'one', key => 'k')");
  CHECK(hub.writes->move_outbox({}).stored == 1);
  CHECK(texts(hub.reads->after(0, no_end, 10)) == strings{"one"});
}

TEST_CASE("a move behind a pooler in transaction mode stores the same") {
  stage on;
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
  stage on;
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

TEST_CASE("a publication notifies the hubs once for each transaction") {
  stage on;
  const auto peers = make_peer_hubs(parse_database_url(on.db.url()));
  peers->wait();
  on.db.sql("select hubbub_publish('lobby', 'm' || n) from generate_series(1, 10) n");
  const auto until_outbox = [&] {
    for (;;)
      if (const auto update = peers->wait(); update.outbox)
        return true;
  };
  CHECK(until_outbox());
}

TEST_CASE("two hubs that start together make one outbox") {
  postgres db;
  open_log(db);
  db.sql("drop table hubbub_outbox, hubbub_outbox_failed; drop function hubbub_publish(text, text, "
         "text, text); drop function hubbub_publish(text, text, jsonb, text)");
  std::vector<std::thread> hubs;
  std::atomic<int> fine = 0;
  for (int i = 0; i < 4; ++i)
    hubs.emplace_back([&] { fine += open_log(db) != nullptr; });
  for (auto& hub : hubs)
    hub.join();
  CHECK(fine == 4);
  CHECK(db.value("select count(*) from pg_proc where proname = 'hubbub_publish'") == "2");
}

TEST_CASE("SQLite has no outbox") {
  sqlite db;
  CHECK(open_log(db)->move_outbox({}).state == status::absent);
}
