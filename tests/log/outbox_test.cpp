// What applications may publish by SQL, and who may.
#include "storage/postgres_peer_hubs.hpp"
#include "tests/log/outbox_stage.hpp"

#include <atomic>
#include <thread>

using namespace hubbub;
using namespace test;
using status = outbox_progress::status;

namespace {

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

/// Makes the functions those of an older hub.
void make_older(const test::database& db) {
  db.sql("update pg_proc set prosrc = replace(prosrc, 'version 1', 'version 0') where proname = "
         "'hubbub_publish'");
}

} // namespace

TEST_CASE("what is published is stored as said, in its order, each by an author of its own") {
  outbox_stage on;
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

TEST_CASE("the functions refuse what the hub refuses, with SQLSTATE 22023 and its code") {
  outbox_stage on;
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
  outbox_stage on;
  on.publish("'e' || chr(769), 'decomposed'");
  on.move();
  CHECK(on.hub.reads->after(0, no_end, 10).at(0).room == "é");
}

TEST_CASE("a key with other content is refused at the call, and equal content is dropped") {
  outbox_stage on;
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

TEST_CASE("a role with EXECUTE alone can publish, and can neither read nor write the tables") {
  outbox_stage on;
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
  make_older(on.db);
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
  CHECK(log->open().notice.find("no message can be published") != std::string::npos);
  open_log(db);
  make_older(db);
  CHECK(make_sql_log(parse_database_url(url))->open().notice.find("stay in use") !=
        std::string::npos);
  const auto done = log->move_outbox({});
  CHECK(done.state == status::absent);
  CHECK(done.why.find("rights") != std::string::npos);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one")};
  CHECK(append(*log, batch).receipts[0].id == 1);
  db.sql("drop owned by weak cascade; drop role weak");
}

TEST_CASE("a transaction that has published does not delay a hub that replaces the functions") {
  outbox_stage on;
  const auto open = on.db.session();
  open->sql("begin; select hubbub_publish('lobby', 'late')");
  const auto replaced = [&] {
    return on.db.value("select count(*) from pg_proc where proname = 'hubbub_publish' and prosrc "
                       "like '%version 1,%'");
  };
  make_older(on.db);
  CHECK(one_hub(on.db).writes->open().notice.empty());
  CHECK(replaced() == "2");

  // Where it must wait, it gives up, works, and tries again at the next start.
  open->sql("commit");
  make_older(on.db);
  on.db.sql("drop index hubbub_outbox_key");
  open->sql("begin; select hubbub_publish('lobby', 'later')");
  const auto notice = one_hub(on.db).writes->open().notice;
  CHECK(notice.find("tries again") != std::string::npos);
  CHECK(replaced() == "0");
  open->sql("commit");
  CHECK(one_hub(on.db).writes->open().notice.empty());
  CHECK(replaced() == "2");
  CHECK(on.move().stored == 2);
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

TEST_CASE("a publication notifies the hubs once for each transaction") {
  outbox_stage on;
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
