// Units of drafts: stored together or not at all.
#include "storage/log.hpp"
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;

namespace {

/// A unit of drafts of a new author, one for each text. A text with a slash is a key and a text.
std::vector<draft> unit(const std::vector<std::string>& all) {
  const auto who =
      std::make_shared<author>(boost::uuids::random_generator()(), std::uint32_t(all.size()));
  std::vector<draft> out;
  for (const auto& each : all) {
    const auto slash = each.find('/');
    out.push_back(slash == each.npos ? says(who, each)
                                     : says(who, each.substr(slash + 1), each.substr(0, slash)));
  }
  return out;
}

std::vector<append_result> results(const appended& done) {
  std::vector<append_result> out;
  for (const auto& r : done.receipts)
    out.push_back(r.result);
  return out;
}

std::vector<row_id> ids(const appended& done) {
  std::vector<row_id> out;
  for (const auto& r : done.receipts)
    out.push_back(r.id);
  return out;
}

using enum append_result;

} // namespace

ON_BOTH_DATABASES("a unit is stored whole, and numbered from 1") {
  const auto log = open_log(db);
  auto batch = unit({"one", "k/two", "three"});
  const auto done = append(*log, batch);
  CHECK(results(done) == std::vector{stored, stored, stored});
  for (int i = 0; i < 3; ++i) {
    CHECK(done.receipts[std::size_t(i)].number == i + 1);
    CHECK(done.receipts[std::size_t(i)].created_at == done.created_at);
  }
}

ON_BOTH_DATABASES("a conflict keeps its whole unit from being stored, and no other draft") {
  const auto log = open_log(db);
  auto first = unit({"a/one"});
  append(*log, first);
  const auto ann = someone();
  std::vector<draft> batch{says(ann, "before")};
  for (auto& d : unit({"b/new", "a/other", "plain"}))
    batch.push_back(d);
  batch.push_back(says(ann, "after", "b")); // the key is free, for the unit is not stored
  for (auto& d : unit({"c/same", "c/same", "c/different"}))
    batch.push_back(d);
  for (auto& d : unit({"c/free", "a/one"}))
    batch.push_back(d);
  const auto done = append(*log, batch);
  CHECK(results(done) == std::vector{stored, unit_conflict, key_conflict, unit_conflict, stored,
                                     unit_conflict, unit_conflict, key_conflict, stored, found});
  CHECK(db.value("select count(*) from messages") == "4");
  CHECK(done.receipts[4].number == 2);
  CHECK(done.receipts[8].number == 1);
  CHECK(ids(done).back() == 1);
}

ON_BOTH_DATABASES("a unit whose answer was lost is found whole, with its rows") {
  const auto log = open_log(db);
  auto old = unit({"a/one"});
  const auto before = append(*log, old);
  auto batch = unit({"plain", "a/one", "b/two", "b/two", "more"});
  const auto lost = log->append(batch);
  const auto again = append(*log, batch);
  CHECK(results(again) == std::vector(5, found));
  CHECK(ids(again) == ids(lost));
  for (const std::size_t i : {0, 2, 3, 4}) {
    CHECK(again.receipts[i].author_id == batch[i].from->id);
    CHECK(again.receipts[i].created_at == lost.created_at);
    CHECK(again.receipts[i].room == "lobby");
  }
  CHECK(again.receipts[1].author_id == old[0].from->id);
  CHECK(again.receipts[1].created_at == before.created_at);
  CHECK(db.value("select count(*) from messages") == "4");
}

ON_BOTH_DATABASES("the draft that the database refuses is found, and nothing is stored by it") {
  const auto log = open_log(db);
  if (db.url().starts_with("postgres"))
    db.sql("alter table messages add constraint no_poison check (text not like 'poison%')");
  else
    db.sql("create trigger no_poison before insert on messages when new.text like 'poison%' "
           "begin select raise(abort, 'no poison'); end");
  for (const std::size_t bad : {0, 1, 6, 9}) {
    std::vector<std::string> all(10, "well");
    all[bad] = all[9] = "poison";
    auto batch = unit(all);
    CHECK_THROWS_AS(append(*log, batch), std::runtime_error);
    CHECK(log->find_refused(batch) == bad);
  }
  CHECK(db.value("select count(*) from messages") == "0");
  auto well = unit({"well", "well"});
  CHECK(append(*log, well).receipts.back().number == 2);
}

TEST_CASE("a deferred constraint that refuses a draft at the commit is found too") {
  postgres db;
  const auto log = open_log(db);
  db.sql("create table words (word text primary key); insert into words values ('known'); "
         "alter table messages add foreign key (text) references words deferrable initially "
         "deferred");
  auto batch = unit({"known", "known", "unknown", "known"});
  CHECK_THROWS_AS(append(*log, batch), std::runtime_error);
  CHECK(log->find_refused(batch) == 2);
  CHECK(db.value("select count(*) from messages") == "0");
}
