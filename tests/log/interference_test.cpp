// The operator's own triggers, rules, indexes and policies: a row that they refuse is refused, a
// row that they change is returned as it is stored, and a row that they drop leaves no hole.
#include "tests/log/logs.hpp"

#include <functional>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

namespace {

/// Checks that a batch with one draft that cannot be stored fails, and that the others are stored
/// without it.
void refuses_only_poison(hubbub::log& log, const std::string& poison = "poison") {
  const auto ann = someone(), bob = someone();
  for (const std::string key : {"", "k"}) {
    std::vector<draft> batch{says(ann, "good " + key, key.empty() ? key : key + "1"),
                             says(bob, poison, key), says(ann, "better " + key)};
    const auto before = log.newest_id();
    const std::int32_t said = ann->last_number;
    // Twice, because the persistence actor tries again before it looks for the cause.
    for (int tries = 0; tries < 2; ++tries)
      try {
        append(log, batch);
        FAIL("a draft that cannot be stored was stored");
      } catch (const log_refusal&) {
      } catch (const log_objection&) {
      }
    log.check();
    CHECK(log.newest_id() == before);
    CHECK(ann->last_number == said);
    batch.erase(batch.begin() + 1);
    const auto result = append(log, batch);
    CHECK(result.receipts[0].number == said + 1);
    CHECK(result.receipts[1].number == said + 2);
    CHECK(bob->last_number == 0);
  }
  CHECK(texts(log.after(0, no_end, 10)) == strings{"good ", "better ", "good k", "better k"});
}

std::string trigger(const std::string& body, const std::string& when = "before",
                    const std::string& of = "") {
  return "create or replace function meddle() returns trigger language plpgsql as $$ begin " +
         body + " end $$; drop trigger if exists meddler on messages; create " + of +
         " trigger meddler " + when + " insert on messages " +
         (of.empty() ? "" : "deferrable initially deferred ") +
         "for each row execute function meddle()";
}

const std::string on_poison = "if new.text like 'poison%' then ";

} // namespace

TEST_CASE("PostgreSQL: a trigger of the operator refuses one draft only, with any SQLSTATE") {
  postgres db;
  const auto log = open_log(db);
  for (const std::string state : {"P0001", "42501", "23505", "23514", "40001", "40P01", "53100",
                                  "57014", "57P01", "08006", "25006", "55P03", "ZZ999", "XX001"})
    for (const std::string when : {"before", "after"}) {
      CAPTURE(state + when);
      db.sql("delete from messages");
      log->open();
      db.sql(trigger(on_poison + "raise exception using errcode = '" + state +
                         "', message = new.text; end if; return new;",
                     when));
      refuses_only_poison(*log);
    }
}

TEST_CASE("PostgreSQL: a trigger that fails in any way refuses one draft only") {
  postgres db;
  const auto log = open_log(db);
  SUBCASE("a trigger that returns nothing") {
    db.sql(trigger(on_poison + "return null; end if; return new;"));
  }
  SUBCASE("a trigger that fails at the commit") {
    db.sql(trigger(on_poison + "raise 'no'; end if; return new;", "after", "constraint"));
  }
  SUBCASE("a trigger that fails by itself") {
    db.sql(trigger(on_poison + "perform 1 / 0; end if; return new;"));
  }
  SUBCASE("a trigger that asks for a sequence value that the session does not have") {
    db.sql("create sequence of_theirs");
    db.sql(trigger(on_poison + "perform currval('of_theirs'); end if; return new;"));
  }
  SUBCASE("a trigger that needs a schema that does not exist") {
    db.sql(trigger(on_poison + "execute 'create table gone.t ()'; end if; return new;"));
  }
  SUBCASE("a trigger in a read-only transaction") {
    db.sql("create table audit ()");
    db.sql(trigger(on_poison + "set transaction read only; insert into audit default values; end "
                               "if; return new;"));
  }
  SUBCASE("a trigger that reads a file that does not exist") {
    db.sql(trigger(on_poison + "perform pg_read_file('/of/nobody'); end if; return new;"));
  }
  SUBCASE("a trigger that exceeds the statement timeout") {
    db.sql(trigger(on_poison + "set local statement_timeout = '100ms'; perform pg_sleep(60); "
                               "end if; return new;"));
  }
  SUBCASE("a trigger that cancels its own statement") {
    db.sql(trigger(on_poison + "perform pg_cancel_backend(pg_backend_pid()), pg_sleep(60); "
                               "end if; return new;"));
  }
  SUBCASE("a trigger that executes a text that is not a statement") {
    db.sql(trigger(on_poison + "execute new.text; end if; return new;"));
  }
  SUBCASE("a trigger that deletes the inserted row") {
    db.sql(trigger(on_poison + "delete from messages where id = new.id; end if; return new;",
                   "after"));
  }
  refuses_only_poison(*log);
}

TEST_CASE("PostgreSQL: a trigger that waits for a lock of another session refuses one draft only") {
  postgres db;
  const auto log = open_log(db);
  const auto other = db.session();
  other->sql("select pg_advisory_lock(1)");
  db.sql(trigger(on_poison + "set local lock_timeout = '10ms'; perform "
                             "pg_advisory_xact_lock(1); end if; return new;"));
  refuses_only_poison(*log);
}

TEST_CASE("PostgreSQL: a unique index of the operator refuses one draft only") {
  postgres db;
  const auto log = open_log(db);
  db.sql("create unique index just_once on messages ((case when text = 'poison' then 1 end)); "
         "insert into messages (text, connection_id, user_message_number) values ('poison', "
         "gen_random_uuid(), 1)");
  const auto ann = someone(), bob = someone();
  std::vector<draft> batch{says(ann, "good"), says(bob, "poison")};
  CHECK_THROWS_AS(append(*log, batch), log_refusal);
  CHECK_THROWS_AS(append(*log, batch), log_refusal);
  batch.pop_back();
  CHECK(append(*log, batch).receipts[0].number == 1);
}

TEST_CASE("PostgreSQL: constraints, indexes, types and rules refuse one draft only as well") {
  postgres db;
  const auto log = open_log(db);
  SUBCASE("a function in another language") {
    db.sql("create function meddle(text) returns bool language sql volatile as $$ select "
           "currval($1) > 0 $$; create sequence poison; alter table messages add check (text not "
           "like 'poison%' or meddle(text))");
  }
  SUBCASE("a check constraint") {
    db.sql("alter table messages add check (text <> 'poison')");
  }
  SUBCASE("an expression in an index") {
    db.sql("create index numbers on messages ((case when text = 'poison' then text::int end))");
  }
  SUBCASE("a domain") {
    db.sql("create domain decent as text check (value <> 'poison'); alter table messages alter "
           "column text type decent");
  }
  SUBCASE("a foreign key") {
    db.sql("create table rooms (name text primary key); insert into rooms values ('lobby'); "
           "alter table messages add column place text generated always as (case when text = "
           "'poison' then 'nowhere' else room end) stored references rooms");
  }
  SUBCASE("a rule") {
    db.sql("create rule no_poison as on insert to messages where new.text = 'poison' do instead "
           "nothing");
  }
  refuses_only_poison(*log);
}

TEST_CASE(
    "PostgreSQL: a unique violation is classified by its index, whatever the text of the row is") {
  postgres db;
  const auto log = open_log(db);
  const std::string forged = "poison\nCONSTRAINT NAME:  hubbub_key\nLOCATION:  x, y.c:1";
  db.sql("create unique index one_each on messages (text)");
  const auto ann = someone(), bob = someone();
  std::vector<draft> batch{says(ann, forged)};
  append(*log, batch);
  batch = {says(bob, forged)};
  CHECK_THROWS_AS(append(*log, batch), log_refusal);
}

TEST_CASE("PostgreSQL: a row that a policy forbids is refused alone") {
  postgres db;
  open_log(db);
  db.sql("drop role if exists writer; create role writer login password 'secret'; grant select, "
         "insert on all tables in schema public to writer; alter table messages enable row level "
         "security; create policy reading on messages for select using (true); create policy "
         "decent on messages for insert with check (text <> 'poison')");
  auto url = db.url();
  url.replace(url.find("hubbub:"), 7, "writer:");
  {
    const auto log = make_sql_log(parse_database_url(url));
    log->open();
    SUBCASE("by a policy for inserts") {}
    SUBCASE("by a policy for selects") {
      db.sql("drop policy decent on messages; drop policy reading on messages; create policy "
             "anything on messages for insert with check (true); create policy decent on messages "
             "for select using (text <> 'poison')");
    }
    refuses_only_poison(*log);
  }
  db.sql("drop owned by writer cascade; drop role writer");
}

TEST_CASE("PostgreSQL: rows are returned as triggers and rules have changed them") {
  postgres db;
  const auto log = open_log(db);
  std::string text = "SHOUTED";
  SUBCASE("changed before they are stored") {
    db.sql(trigger("new.text = upper(new.text); new.room = 'loud'; return new;"));
  }
  SUBCASE("changed after they are stored") {
    db.sql(trigger("update messages set text = upper(text), room = 'loud' where id = new.id; "
                   "return new;",
                   "after"));
  }
  SUBCASE("changed at the commit") {
    db.sql(trigger("update messages set text = upper(text), room = 'loud' where id = new.id; "
                   "return new;",
                   "after", "constraint"));
  }
  SUBCASE("changed by a rule") {
    db.sql("create rule louder as on insert to messages do also update messages set text = "
           "upper(text), room = 'loud' where connection_id = new.connection_id");
  }
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "shouted"), says(ann, "shouted", "k")};
  const auto result = append(*log, batch);
  REQUIRE(result.rows.size() == 2);
  const auto rows = log->after("loud", 0, 10);
  REQUIRE(texts(rows) == strings{text, text});
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(result.rows[i].text == text);
    CHECK(result.rows[i].room == "loud");
    CHECK(result.rows[i].id == rows[i].id);
    CHECK(result.receipts[i].id == rows[i].id);
    CHECK(result.receipts[i].number == std::int32_t(i) + 1);
  }
}

TEST_CASE("PostgreSQL: a trigger that was dropped, or is not for inserts, costs no verification") {
  postgres db;
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "one")};
  db.sql(trigger("return new;"));
  CHECK(append(*log, batch).rows.size() == 1);
  db.sql("drop trigger meddler on messages; create table remarks (about bigint references "
         "messages); create trigger later before update on messages for each row execute function "
         "meddle()");
  batch = {says(ann, "two")};
  append(*log, batch);
  batch = {says(ann, "three")};
  CHECK(append(*log, batch).rows.empty());
  CHECK(texts(log->after(0, no_end, 10)) == strings{"one", "two", "three"});
}

TEST_CASE("PostgreSQL: a missing table is not blamed on a draft") {
  postgres db;
  const auto log = open_log(db);
  std::vector<draft> batch{says(someone(), "good")};
  db.sql("alter table messages rename to elsewhere");
  try {
    append(*log, batch);
    FAIL("stored in no table");
  } catch (const log_unavailable&) { // log_objection is derived from it
  }
  CHECK_THROWS_AS(log->check(), log_unavailable);
  db.sql("alter table elsewhere rename to messages");
  CHECK(append(*log, batch).receipts[0].number == 1);
}

TEST_CASE("SQLite: a trigger refuses or drops one draft only") {
  for (const std::string act :
       {"select raise(abort, 'no')", "select raise(ignore)", "select raise(fail, 'no')",
        "select raise(rollback, 'no')", "select json_extract('{', new.text)",
        "select abs(-9223372036854775807 - 1)"}) {
    CAPTURE(act);
    sqlite db;
    const auto log = open_log(db);
    db.sql("create trigger no_poison before insert on messages when new.text = 'poison' begin " +
           act + "; end");
    refuses_only_poison(*log);
  }
}

TEST_CASE("SQLite: rows are returned as triggers have changed them") {
  sqlite db;
  const auto log = open_log(db);
  db.sql("create trigger louder after insert on messages begin update messages set text = "
         "upper(text), room = 'loud' where id = new.id; end");
  std::vector<draft> batch{says(someone(), "shouted")};
  const auto result = append(*log, batch);
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0].text == "SHOUTED");
  CHECK(result.rows[0].room == "loud");
  CHECK(result.receipts[0].number == 1);
}
