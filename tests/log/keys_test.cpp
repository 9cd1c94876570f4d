// Keys: a message is stored once for each key, and another message with the key is refused.
#include "tests/log/logs.hpp"

#include <thread>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;
using results = std::vector<append_result>;

namespace {

constexpr auto stored = append_result::stored, found = append_result::found,
               key_conflict = append_result::key_conflict;

draft says_data(const std::shared_ptr<author>& who, std::string text, std::string data,
                std::string key) {
  auto out = says(who, std::move(text), std::move(key));
  out.data = std::move(data);
  return out;
}

results results_of(const appended& all) {
  results out;
  for (const auto& r : all.receipts)
    out.push_back(r.result);
  return out;
}

/// Appends one draft and returns what became of it.
append_result append_one(hubbub::log& to, draft what) {
  std::vector<draft> batch{std::move(what)};
  return append(to, batch).receipts.at(0).result;
}

/// Drafts with the key "k", which differ in their room, their text or their data from a message
/// with the text "text" and the data [1] in the lobby.
std::vector<draft> other_messages(const std::shared_ptr<author>& who) {
  std::vector<draft> out{says_data(who, "text", "[1]", "k"),  says_data(who, "Text", "[1]", "k"),
                         says_data(who, "text ", "[1]", "k"), says_data(who, "", "[1]", "k"),
                         says_data(who, "text", "", "k"),     says_data(who, "text", "[2]", "k"),
                         says_data(who, "text", "[1] ", "k"), says_data(who, "text", "[ 1]", "k"),
                         says_data(who, "text", "1", "k")};
  out[0].room = "den";
  return out;
}

} // namespace

ON_BOTH_DATABASES("a key is stored once: in one batch, in two batches, and for two authors") {
  const auto log = open_log(db);
  const auto ann = someone(), bob = someone();
  std::vector<draft> batch{says(ann, "same", "k"), says(ann, "same", "k"), says(ann, "next")};
  const auto result = append(*log, batch);
  CHECK(results_of(result) == results{stored, found, stored});
  CHECK(result.receipts[1].id == result.receipts[0].id);
  CHECK(result.receipts[1].number == 1);
  CHECK(result.receipts[2].number == 2);

  std::vector<draft> later{says(bob, "same", "k"), says(bob, "b1"), says(ann, "a3")};
  const auto other = append(*open_log(db), later);
  CHECK(results_of(other) == results{found, stored, stored});
  CHECK(other.receipts[0].id == result.receipts[0].id);
  CHECK(other.receipts[0].number == 1);
  CHECK(other.receipts[1].number == 1);
  CHECK(other.receipts[2].number == 3);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"same", "next", "b1", "a3"});
}

ON_BOTH_DATABASES("another room, text or data with the key of a stored message is a conflict, from "
                  "every author and every hub") {
  const auto log = open_log(db), other_hub = open_log(db);
  const auto ann = someone(), bob = someone();
  CHECK(append_one(*log, says_data(ann, "text", "[1]", "k")) == stored);
  for (const auto& who : {ann, bob})
    for (auto* at : {log.get(), other_hub.get()})
      for (const auto& other : other_messages(who)) {
        CAPTURE(other.text + ' ' + other.data);
        CHECK(append_one(*at, other) == key_conflict);
      }
  CHECK(append_one(*other_hub, says_data(bob, "text", "[1]", "k")) == found);
  CHECK(db.value("select count(*) from messages") == "1");
}

ON_BOTH_DATABASES("a conflict takes no number and no id, and the rest of its batch is stored") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says_data(ann, "text", "[1]", "k")};
  const auto first = append(*log, batch).receipts[0];
  batch = other_messages(ann);
  batch.insert(batch.begin(), says(ann, "before"));
  batch.push_back(says(ann, "after"));
  const auto result = append(*log, batch);
  results expected(batch.size(), key_conflict);
  expected.front() = expected.back() = stored;
  CHECK(results_of(result) == expected);
  for (std::size_t i = 1; i + 1 < batch.size(); ++i) {
    CHECK(result.receipts[i].id == 0);
    CHECK(result.receipts[i].number == 0);
    CHECK(result.receipts[i].author_id == uuid{});
  }
  CHECK(result.receipts.front().id == first.id + 1);
  CHECK(result.receipts.front().number == 2);
  CHECK(result.receipts.back().id == first.id + 2);
  CHECK(result.receipts.back().number == 3);
  CHECK(ann->last_number == 3);
  batch = {says(ann, "text", "k")};
  CHECK(append(*log, batch).receipts[0].result == key_conflict);
  CHECK(ann->last_number == 3);
}

ON_BOTH_DATABASES("a conflict with an earlier draft of the batch leaves that one as it is") {
  const auto log = open_log(db);
  const auto ann = someone(), bob = someone();
  auto batch = other_messages(bob);
  batch.insert(batch.begin(), says_data(ann, "text", "[1]", "k"));
  batch.push_back(says_data(bob, "text", "[1]", "k"));
  batch.push_back(says(bob, "more"));
  const auto result = append(*log, batch);
  results expected(batch.size(), key_conflict);
  expected.front() = expected.back() = stored;
  expected[batch.size() - 2] = found;
  CHECK(results_of(result) == expected);
  CHECK(result.receipts[batch.size() - 2].id == result.receipts[0].id);
  CHECK(result.receipts.back().number == 1);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"text", "more"});
}

ON_BOTH_DATABASES("drafts with one key and data of other lengths are compared one by one") {
  const auto log = open_log(db);
  const std::string long_data = "[\"" + std::string(100'000, 'x') + "\"]",
                    as_long = "[\"" + std::string(100'000, 'y') + "\"]";
  CHECK(append_one(*log, says_data(someone(), "text", long_data, "k")) == stored);
  std::vector<draft> batch;
  for (const auto& data : strings{"", "1", long_data, as_long, long_data + ' ', long_data})
    batch.push_back(says_data(someone(), "text", data, "k"));
  CHECK(results_of(append(*log, batch)) ==
        results{key_conflict, key_conflict, found, key_conflict, key_conflict, found});
  CHECK(append_one(*log, says_data(someone(), "text", "1", "k")) == key_conflict);
}

ON_BOTH_DATABASES("data that looks alike in JSON but has other bytes is a conflict") {
  const auto log = open_log(db);
  CHECK(append_one(*log, says_data(someone(), "", R"(["é",1.0])", "k")) == stored);
  for (const std::string data : {R"(["\u00e9",1.0])", R"(["é",1])", R"(["é", 1.0])"})
    CHECK(append_one(*log, says_data(someone(), "", data, "k")) == key_conflict);
  CHECK(append_one(*log, says_data(someone(), "", R"(["é",1.0])", "k")) == found);
}

ON_BOTH_DATABASES("a message with another name and another person of its author is found") {
  const auto log = open_log(db);
  auto what = says(someone(), "text", "k");
  what.by = std::make_shared<author_profile>(author_profile{"Ann", "anon-ann"});
  CHECK(append_one(*log, what) == stored);
  what.by = std::make_shared<author_profile>(author_profile{"Bob", "anon-bob"});
  CHECK(append_one(*log, what) == found);
  what.by = nullptr;
  CHECK(append_one(*log, what) == found);
}

ON_BOTH_DATABASES("rooms are compared in their normal form") {
  const auto log = open_log(db);
  db.sql("insert into messages (room, text, connection_id, user_message_number, created_at, key) "
         "values ('cafe\xCC\x81', 'text', '0a0b0c0d-0102-4304-8506-0708090a0b0c', 1, '2026-01-31 "
         "09:30:00', 'k')");
  CHECK(append_one(*log, says(someone(), "text", "k", "caf\xC3\xA9")) == found);
  CHECK(append_one(*log, says(someone(), "text", "k", "cafe")) == key_conflict);
}

ON_BOTH_DATABASES("after a lost answer drafts find their own rows, and conflicts stay conflicts") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch{says_data(ann, "text", "[1]", "k"), says(ann, "other", "k"),
                           says_data(ann, "text", "[1]", "k"), says(ann, "plain")};
  const results first_time{stored, key_conflict, found, stored};
  CHECK(results_of(log->append(batch)) == first_time);
  const auto again = append(*log, batch);
  CHECK(results_of(again) == results{found, key_conflict, found, found});
  CHECK(again.receipts[3].number == 2);
  CHECK(ann->last_number == 2);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"text", "plain"});
}

ON_BOTH_DATABASES("where triggers may change rows, nothing is compared") {
  const auto log = open_log(db);
  if (db.url().starts_with("postgres"))
    db.sql("create function meddle() returns trigger language plpgsql as $$ begin new.text = "
           "upper(new.text); return new; end $$; create trigger meddler before insert on messages "
           "for each row execute function meddle()");
  else
    db.sql("create trigger meddler after insert on messages begin update messages set text = "
           "upper(text) where id = new.id; end");
  std::vector<draft> batch{says(someone(), "text", "k"), says(someone(), "other", "k")};
  CHECK(results_of(append(*log, batch)) == results{stored, found});
  CHECK(append_one(*log, says(someone(), "text", "k")) == found);
  CHECK(append_one(*log, says(someone(), "other", "k")) == found);

  // The answer is lost, and then the trigger is dropped: the drafts find their changed rows.
  batch = {says(someone(), "lost", "k2")};
  CHECK(results_of(log->append(batch)) == results{stored});
  db.sql(db.url().starts_with("postgres") ? "drop trigger meddler on messages"
                                          : "drop trigger meddler");
  CHECK(results_of(append(*log, batch)) == results{found});
  CHECK(texts(log->after(0, no_end, 10)) == strings{"TEXT", "LOST"});
}

TEST_CASE("a key that another hub stores while an append waits is compared too") {
  postgres db;
  const auto log = open_log(db);
  const auto other = db.session();
  other->sql(
      "begin; select pg_advisory_xact_lock(7526466502384809314); insert into messages (text, "
      "connection_id, user_message_number, key) values ('theirs', '" +
      to_string(someone()->id) + "', 1, 'k'), ('theirs', '" + to_string(someone()->id) +
      "', 1, 'k2')");
  std::vector<draft> batch{says(someone(), "mine", "k"), says(someone(), "theirs", "k2")};
  appended result;
  std::thread mine([&] { result = append(*log, batch); });
  eventually("the append waits for the lock", [&] {
    return db.value("select count(*) from pg_locks where locktype = 'advisory' and not granted") ==
           "1";
  });
  other->sql("commit");
  mine.join();
  CHECK(results_of(result) == results{key_conflict, found});
  CHECK(texts(log->after(0, no_end, 10)) == strings{"theirs", "theirs"});
}
