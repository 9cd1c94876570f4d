// What the log does after rows are lost: no id is given twice, and every hub learns it.
#include "storage/fork_record.hpp"
#include "tests/log/one_hub.hpp"

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES("a log that has lost rows gives none of their ids again") {
  one_hub hub(db);
  hub.writes->open();
  const auto ids = hub.store({"a", "b", "c"});
  lose_rows(db, ids[0]);
  CHECK_THROWS_AS(hub.store({"d"}), log_forked);
  CHECK(db.value("select count(*) from messages") == "1");
  const auto log = hub.writes->open();
  REQUIRE(log.forks.size() == 1);
  CHECK(log.forks[0].after == ids[0]);
  CHECK(log.forks[0].first > ids[2] + fork_distance);
  CHECK(log.newest == log.forks[0].first - 1);
  CHECK(hub.reads->newest_id() == log.newest);
  CHECK(hub.store({"d", "e"}) == std::vector<row_id>{log.forks[0].first, log.forks[0].first + 1});
  CHECK(texts(hub.reads->after("lobby", ids[1], 10)) == strings{"d", "e"});
  CHECK(hub.writes->open().forks == log.forks);
}

ON_BOTH_DATABASES("an idle hub finds the loss when it verifies the log, and a reader is refused") {
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b"});
  lose_rows(db, 0);
  CHECK_THROWS_AS(hub.writes->verify(), log_forked);
  CHECK_THROWS_AS(hub.reads->verify(), log_forked);
  CHECK(hub.writes->open().forks.back().after == 0);
  CHECK_NOTHROW(hub.reads->verify());
}

ON_BOTH_DATABASES("a batch with keys and a table with triggers of others notice the loss too") {
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b"});
  const bool sqlite = db.url().starts_with("sqlite");
  if (sqlite)
    db.sql("create table copies (t text); create trigger copy after insert on messages begin "
           "insert into copies values (new.text); end");
  else
    db.sql("create table copies (t text); create function copy() returns trigger language plpgsql "
           "as $$ begin insert into copies values (new.text); return new; end $$; create trigger "
           "copy after insert on messages for each row execute function copy()");
  hub.store({"c"});
  lose_rows(db, 1);
  std::vector<draft> batch{says(someone(), "d", "key")};
  CHECK_THROWS_AS(hub.writes->append(batch), log_forked);
  const auto first = hub.writes->open().forks.back().first;
  CHECK(append(*hub.writes, batch).receipts[0].id == first);
}

ON_BOTH_DATABASES("a batch that repeats only known keys finds the loss too") {
  one_hub hub(db);
  hub.writes->open();
  std::vector<draft> batch{says(someone(), "a", "key")};
  append(*hub.writes, batch);
  hub.store({"b"});
  lose_rows(db, 1);
  CHECK_THROWS_AS(hub.writes->append(batch), log_forked);
  hub.writes->open();
  CHECK(append(*hub.writes, batch).receipts[0].result == append_result::found);
}

ON_BOTH_DATABASES("a fork of a fork is over both") {
  one_hub hub(db);
  hub.writes->open();
  const auto ids = hub.store({"a", "b"});
  lose_rows(db, ids[0]);
  const auto one = hub.writes->open().forks.back();
  hub.store({"c", "d"});
  SUBCASE("the loss is after the first fork") {
    lose_rows(db, one.first);
    const auto forks = hub.writes->open().forks;
    REQUIRE(forks.size() == 2);
    CHECK(forks[0] == one);
    CHECK(forks[1].after == one.first);
    CHECK(forks[1].first > one.first + fork_distance);
  }
  SUBCASE("the record of the first fork is lost with it") {
    lose_rows(db, ids[0]);
    db.sql("delete from hubbub_meta where name = 'forks'");
    const auto forks = hub.writes->open().forks;
    REQUIRE(forks.size() == 1);
    CHECK(forks[0].after == ids[0]);
    CHECK(forks[0].first > one.first + fork_distance);
  }
  SUBCASE("only the record is lost, before anything was stored after it") {
    one_hub other(db);
    other.writes->open();
    lose_rows(db, ids[0]);
    const auto two = other.writes->open().forks.back();
    db.sql("delete from hubbub_meta where name = 'forks'");
    CHECK_THROWS_AS(other.writes->verify(), log_forked);
    CHECK(other.writes->open().forks.back().first > two.first);
  }
}

ON_BOTH_DATABASES("one loss makes one fork, whoever finds it first") {
  one_hub one(db), two(db), late(db);
  one.writes->open(), two.writes->open(), late.writes->open();
  const auto ids = one.store({"a", "b", "c"});
  two.reads->after("lobby", 0, 10);
  two.writes->after(0, no_end, 10);
  lose_rows(db, ids[0]);
  const auto forks = one.writes->open().forks;
  one.store({"d"});
  CHECK_THROWS_AS(two.store({"x"}), log_forked);
  CHECK(two.writes->open().forks == forks);
  CHECK_THROWS_AS(late.store({"y"}), log_forked);
  CHECK(late.writes->open().forks == forks);
  CHECK(two.store({"x"})[0] == forks[0].first + 1);
}

ON_BOTH_DATABASES("a page that is read while another session finds a fork is not returned") {
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b"});
  hub.reads->after("lobby", 0, 10);
  lose_rows(db, 1);
  CHECK(hub.writes->open().forks.size() == 1);
  CHECK(texts(hub.reads->after("lobby", 0, 10)) == strings{"a"});
}

ON_BOTH_DATABASES("messages that are deleted by hand are a loss, and nothing else is") {
  one_hub hub(db);
  hub.writes->open();
  const auto ids = hub.store({"a", "b", "c"});
  db.sql("delete from messages where id = " + std::to_string(ids[1]));
  CHECK_NOTHROW(hub.writes->verify());
  CHECK(hub.store({"d"})[0] == ids[2] + 1);
  db.sql("delete from messages where id > " + std::to_string(ids[2]));
  CHECK_THROWS_AS(hub.writes->verify(), log_forked);
  CHECK(hub.writes->open().forks.back().after == ids[2]);
}

ON_BOTH_DATABASES("a log whose ids were given again to other messages gets another UUID") {
  one_hub hub(db);
  const auto before = hub.writes->open();
  const auto ids = hub.store({"a", "b"});
  lose_rows(db, ids[0]);
  one_hub{db}.writes->open(); // this hub has seen nothing, so it cannot know
  one_hub stranger(db);
  stranger.writes->open();
  stranger.store({"x", "y", "z"});
  CHECK_THROWS_AS(hub.writes->verify(), log_forked);
  CHECK_THROWS_AS(hub.store({"c"}), log_forked);
  const auto log = hub.writes->open();
  CHECK(log.identity != before.identity);
  CHECK(log.identity.size() == 36);
  CHECK(log.forks.empty());
  CHECK(log.notice.find("another UUID") != log.notice.npos);
  CHECK_NOTHROW(hub.store({"c"}));
}

ON_BOTH_DATABASES("a damaged record of forks gives the log another UUID") {
  one_hub hub(db);
  const auto before = hub.writes->open();
  hub.store({"a"});
  for (const std::string damaged :
       {"x", "{}", "[1]", "[[1]]", "[[1,2,3]]", "[[2,1]]", "[[1,5],[2,5]]", "[[-1,5]]",
        "[[1,1e99]]", "[[1,9007199254740993]]", "[[1,\"5\"]]", "'; drop table messages; --"}) {
    CAPTURE(damaged);
    std::string quoted = damaged;
    if (const auto at = quoted.find('\''); at != quoted.npos)
      quoted.insert(at, "'");
    db.sql("delete from hubbub_meta where name = 'forks'");
    db.sql("insert into hubbub_meta (name, value) values ('forks', '" + quoted + "')");
    CHECK_THROWS_AS(hub.writes->verify(), log_forked);
    CHECK_THROWS_AS(one_hub{db}.reads->newest_id(), log_unavailable);
    const auto log = hub.writes->open();
    CHECK(log.identity != before.identity);
    CHECK(log.notice.find("damaged") != log.notice.npos);
    CHECK_NOTHROW(hub.store({"b"}));
  }
}

ON_BOTH_DATABASES("a log that was dropped and made anew has no forks") {
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b"});
  lose_rows(db, 1);
  hub.writes->open();
  db.sql("drop table messages");
  CHECK_THROWS_AS(hub.writes->verify(), log_replaced);
  const auto log = hub.writes->open();
  CHECK(log.forks.empty());
  CHECK(log.newest == 0);
  CHECK(hub.store({"c"})[0] == 1);
}

ON_BOTH_DATABASES(
    "ids go on after the last fork although the sequence was reset while no hub ran") {
  row_id first = 0;
  {
    one_hub hub(db);
    hub.writes->open();
    hub.store({"a", "b"});
    lose_rows(db, 1);
    first = hub.writes->open().forks.back().first;
  }
  lose_rows(db, 0);
  one_hub hub(db);
  CHECK(hub.writes->open().newest == first - 1);
  CHECK(hub.store({"c"})[0] == first);
}

TEST_CASE("a SQLite table of the old chat, whose ids go on after the greatest, has forks too") {
  sqlite db;
  db.sql("create table messages (id integer not null primary key, text varchar not null, "
         "connection_id varchar not null, user_message_number integer not null, created_at "
         "datetime not null)");
  one_hub hub(db);
  hub.writes->open();
  hub.store({"a", "b", "c"});
  db.sql("delete from messages where id > 1");
  CHECK_THROWS_AS(hub.store({"d"}), log_forked);
  const auto first = hub.writes->open().forks.back().first;
  CHECK(hub.store({"d", "e"}) == std::vector<row_id>{first, first + 1});
  CHECK(hub.store({"f"})[0] == first + 2);
  CHECK(texts(hub.reads->after("lobby", 0, 10)) == strings{"a", "d", "e", "f"});
}

TEST_CASE("a server with another timeline has a fork, even if nothing seems to be lost") {
  postgres db;
  std::vector<row_id> ids;
  {
    one_hub hub(db);
    hub.writes->open();
    ids = hub.store({"a", "b"});
    CHECK(db.value("select value from hubbub_meta where name = 'timeline'").ends_with("/00000001"));
  }
  promote(db);
  one_hub hub(db);
  const auto forks = hub.writes->open().forks;
  REQUIRE(forks.size() == 1);
  CHECK(forks[0].after == ids[1]);
  CHECK(hub.writes->open().forks == forks);
  CHECK(hub.store({"c"})[0] == forks[0].first);
}

TEST_CASE("a role that may not ask for timelines or record them stores and reads as before") {
  postgres db;
  { one_hub{db}.writes->open(); }
  db.sql("delete from hubbub_meta where name in ('forks', 'timeline')");
  db.sql("drop role if exists blind");
  db.sql("create role blind login password 'x'");
  db.sql("grant select, update on hubbub_meta to blind");
  db.sql("grant select, insert on messages to blind");
  SUBCASE("where functions are hidden") {
    db.sql("revoke execute on function pg_control_system() from public");
  }
  SUBCASE("where only the record cannot be written") {}
  one_hub hub(db);
  auto url = db.url();
  url.replace(url.find("hubbub:secret"), 13, "blind:x");
  const auto log = make_sql_log(parse_database_url(url));
  CHECK(log->open().forks.empty());
  std::vector<draft> batch{says(someone(), "a")};
  CHECK(append(*log, batch).receipts[0].id == 1);
  CHECK_NOTHROW(log->verify());
  db.sql("delete from messages");
  CHECK_THROWS_AS(log->verify(), log_forked);
  // The reason names the object, and doctor the grant.
  CHECK_THROWS_WITH_AS(log->open(), doctest::Contains("permission denied"), log_unavailable);
  db.sql("drop owned by blind; drop role blind");
}

TEST_CASE("the record of forks is read as it was written") {
  const std::vector<log_fork> forks{{0, 5}, {7, 9007199254740991}};
  CHECK(parse_forks(format_forks(forks)) == forks);
  CHECK(parse_forks("")->empty());
  CHECK_FALSE(parse_forks("[[5,5]]"));
}
