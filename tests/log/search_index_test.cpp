// The index for searches: how it is made, kept and removed.
#include "tests/log/searched_log.hpp"

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES("without an index a search fails and everything else works") {
  const auto log = open_log(db);
  std::vector<draft> batch{says(someone(), "a word")};
  append(*log, batch);
  bool missing = false;
  try {
    log->search("lobby", "word", no_end, 5);
  } catch (const search_failed& e) {
    missing = e.index_missing;
  }
  CHECK(missing);
  CHECK(texts(log->before("lobby", no_end, 5)) == strings{"a word"});
  make_index(db);
  CHECK(texts(log->search("lobby", "word", no_end, 5)) == strings{"a word"});
}

TEST_CASE("an index that a crash has left unfinished is made again (PostgreSQL)") {
  test::postgres db;
  searched_log it(db, {"a word"});
  db.sql("update pg_index set indisvalid = false where indexrelid = 'hubbub_search'::regclass");
  it.store({"one more word"});
  CHECK_THROWS_AS(it.find("word"), search_failed);
  make_index(db);
  CHECK(it.find("word") == strings{"one more word", "a word"});
}

TEST_CASE("one hub makes the index, and the others wait for it (PostgreSQL)") {
  test::postgres db;
  const auto log = open_log(db);
  const auto where = parse_database_url(db.url());
  const auto other = db.session();
  other->sql("select pg_advisory_lock(7526466502384809315)");
  const auto index = make_search_index(where, nullptr);
  CHECK(index->step() == index_progress::working); // announces the build
  CHECK(index->step() == index_progress::waiting);
  other->sql("select pg_advisory_unlock(7526466502384809315)");
  CHECK(index->step() == index_progress::working);
  CHECK(index->step() == index_progress::done);
}

TEST_CASE("an index that is stopped does no further step") {
  test::postgres db;
  const auto log = open_log(db);
  const auto index = make_search_index(parse_database_url(db.url()), nullptr);
  index->stop();
  CHECK_THROWS_AS(index->step(), log_shutdown);
}

TEST_CASE("rows that come while the index is filled are in it once (SQLite)") {
  test::sqlite db;
  searched_log source(db); // makes an index, which is removed again
  const auto where = parse_database_url(db.url());
  remove_search_index(where);
  strings many;
  for (int i = 0; i < 3000; ++i)
    many.push_back("word " + std::to_string(i));
  source.store(many);
  const auto index = make_search_index(where, make_sqlite_file(where));
  CHECK(index->step() == index_progress::working);
  CHECK_THROWS_AS(source.find("word"), search_failed);
  source.store({"word new"});
  db.sql("delete from messages where text = 'word 10' or text = 'word 2990' or text = 'word new'");
  db.sql("update messages set text = 'changed' where text = 'word 20' or text = 'word 2980'");
  while (index->step() != index_progress::done)
    std::this_thread::yield();
  CHECK(source.find("word", "lobby", 5000).size() == 2996);
  CHECK(source.find("changed").size() == 2);
  CHECK(source.find("2980").empty());
  db.sql("insert into hubbub_search (hubbub_search) values ('integrity-check')"); // may throw
}

TEST_CASE("the index does not make the hub verify its inserts, and others still do (SQLite)") {
  test::sqlite db;
  searched_log it(db);
  std::vector<draft> batch{says(it.who, "plain")};
  CHECK(append(*it.log, batch).rows.empty());
  db.sql("create trigger upper after insert on messages begin "
         "update messages set text = upper(text) where id = new.id; end");
  batch = {says(it.who, "a word")};
  CHECK(texts(append(*it.log, batch).rows) == strings{"A WORD"});
  CHECK(it.find("word") == strings{"A WORD"});
}

TEST_CASE("a removed index leaves nothing, and is made again (SQLite)") {
  test::sqlite db;
  searched_log it(db, {"a word"});
  const auto where = parse_database_url(db.url());
  it.log.reset();
  remove_search_index(where);
  CHECK(db.value("select count(*) from sqlite_master where name like 'hubbub_search%'") == "0");
  CHECK(db.value("select count(*) from hubbub_meta where name like 'search%'") == "0");
  it.log = open_log(db);
  it.store({"another word"});
  make_index(db);
  CHECK(it.find("word") == strings{"another word", "a word"});
}

TEST_CASE("an index whose table was replaced is made again (SQLite)") {
  test::sqlite db;
  searched_log it(db, {"an old word"});
  it.log.reset();
  db.sql("drop table messages");
  it.log = open_log(db);
  it.who = someone();
  it.store({"a new word"});
  CHECK_THROWS_AS(it.find("word"), search_failed);
  make_index(db);
  CHECK(it.find("word") == strings{"a new word"});
}
