// The promises of the log while the database works.
#include "storage/instant.hpp"
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

ON_BOTH_DATABASES("a new log is empty and has an identity that does not change") {
  auto log = open_log(db);
  const auto name = log->open().identity;
  CHECK(name.size() == 36);
  CHECK(log->newest_id() == 0);
  CHECK(log->after(0, no_end, 10).empty());
  CHECK(log->before("lobby", 1000, 10).empty());
  log = open_log(db);
  CHECK(log->open().identity == name);
}

ON_BOTH_DATABASES("a batch gets ids in its order, and each author has numbers of its own") {
  const auto log = open_log(db);
  const auto ann = someone(), bob = someone();
  std::vector<draft> batch{says(ann, "a1"), says(bob, "b1"), says(ann, "a2")};
  const auto result = append(*log, batch);
  CHECK(result.receipts[0].number == 1);
  CHECK(result.receipts[1].number == 1);
  CHECK(result.receipts[2].number == 2);
  CHECK(result.receipts[1].id == result.receipts[0].id + 1);
  CHECK(result.receipts[2].id == result.receipts[1].id + 1);
  CHECK(ann->last_number == 2);
  CHECK(log->newest_id() == result.receipts[2].id);
  const auto rows = log->after(0, no_end, 10);
  CHECK(texts(rows) == strings{"a1", "b1", "a2"});
  CHECK(rows[1].connection_id == bob->id);
  CHECK(rows[2].user_message_number == 2);
  CHECK(rows[0].created_at == result.created_at);
  CHECK(rows[0].room == "lobby");
}

ON_BOTH_DATABASES("the rows of a room are counted between two ids, up to a limit") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch;
  for (int i = 0; i < 10; ++i) {
    batch.push_back(says(ann, std::to_string(i)));
    batch.back().room = i % 2 ? "den" : "lobby";
  }
  const auto first = append(*log, batch).receipts[0].id;
  CHECK(log->count("lobby", 0, no_end, 100) == 5);
  CHECK(log->count("den", first, no_end, 100) == 5);
  CHECK(log->count("lobby", first, no_end, 100) == 4);
  CHECK(log->count("lobby", first, first + 4, 100) == 2);
  CHECK(log->count("lobby", 0, no_end, 3) == 3);
  CHECK(log->count("nobody", 0, no_end, 100) == 0);
  CHECK(log->count("lobby", no_end, no_end, 100) == 0);
}

ON_BOTH_DATABASES("texts are returned byte for byte") {
  const auto log = open_log(db);
  const auto ann = someone();
  const strings nasty{"\xF0\x9F\x98\x80\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80",
                      "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xE2\x80\x8F",
                      "it's \"quoted\" \\ \\\\ \\\"",
                      "{a,\"b\",NULL}",
                      "NULL",
                      "[1,{\"t\":\"x\"}]",
                      "'; drop table messages; --",
                      ":rows :now $1 ? %s \\u0000",
                      " \t\r\n leading and trailing \n",
                      "\x01\x1F\x7F",
                      "\xEF\xBF\xBF\xEF\xBB\xBF"};
  std::vector<draft> batch;
  for (const auto& text : nasty)
    batch.push_back(says(ann, text));
  append(*log, batch);
  CHECK(texts(log->after("lobby", 0, 100)) == nasty);
}

ON_BOTH_DATABASES("pages go forward and back, in one room and in all rooms") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch;
  for (int i = 1; i <= 10; ++i)
    batch.push_back(says(ann, std::to_string(i), {}, i % 2 ? "odd" : "even"));
  const auto first = append(*log, batch).receipts.front().id;
  CHECK(texts(log->after(first, no_end, 3)) == strings{"2", "3", "4"});
  CHECK(texts(log->after("odd", first, 2)) == strings{"3", "5"});
  CHECK(texts(log->after("odd", first, 1)) == strings{"3"});
  CHECK(texts(log->before("even", first + 7, 2)) == strings{"4", "6"});
  CHECK(texts(log->before("even", 1000, 100)) == strings{"2", "4", "6", "8", "10"});
  CHECK(log->after("nowhere", 0, 5).empty());
}

ON_BOTH_DATABASES("one call returns the newest rows of many rooms") {
  const auto log = open_log(db);
  const auto ann = someone();
  const strings rooms{"plain", "it's \"quoted\"", "\xE6\x9D\xB1\xE4\xBA\xAC", "empty"};
  std::vector<draft> batch;
  for (int i = 1; i <= 9; ++i)
    batch.push_back(says(ann, std::to_string(i), {}, rooms[std::size_t(i % 3)]));
  const auto first = append(*log, batch).receipts.front().id;
  CHECK(texts(log->newest(rooms, first + 9, 2)) == strings{"4", "5", "6", "7", "8", "9"});
  CHECK(texts(log->newest(rooms, first + 4, 50)) == strings{"1", "2", "3", "4"});
  CHECK(texts(log->newest({rooms[1]}, first + 9, 1)) == strings{"7"});
  CHECK(log->newest({rooms[3]}, first + 9, 50).empty());
}

ON_BOTH_DATABASES("a thousand rows are stored in one batch and returned unchanged") {
  const auto log = open_log(db);
  const auto ann = someone();
  std::vector<draft> batch;
  for (int i = 0; i < 1000; ++i)
    batch.push_back(
        says(ann, std::string(1000, char('a' + i % 26)), i % 3 ? "" : "key" + std::to_string(i)));
  const auto result = append(*log, batch);
  CHECK(result.receipts.back().number == 1000);
  const auto rows = log->after(0, no_end, 2000);
  REQUIRE(rows.size() == 1000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].id == result.receipts[i].id);
    REQUIRE(rows[i].text == batch[i].text);
  }
}

ON_BOTH_DATABASES("append throws log_refusal for a row that the database refuses, and stores "
                  "nothing of the batch") {
  const auto log = open_log(db);
  const auto ann = someone();
  db.sql("create unique index no_twins on messages (text)");
  if (db.url().starts_with("postgres"))
    db.sql("alter table messages add constraint poison check (text <> 'poison')");
  else
    db.sql("create trigger poison before insert on messages when new.text = 'poison' "
           "begin select raise(abort, 'poison'); end");
  std::vector<draft> batch{says(ann, "good"), says(ann, "poison")};
  CHECK_THROWS_AS(append(*log, batch), log_refusal);
  CHECK(log->newest_id() == 0);
  CHECK(ann->last_number == 0);
  batch.pop_back();
  CHECK(append(*log, batch).receipts[0].number == 1);
}

ON_BOTH_DATABASES(
    "rows have the time of the clock again as soon as a clock that was fast is corrected") {
  using namespace std::chrono_literals;
  const instant real = parse_instant("2026-01-31 09:30:00.123456");
  instant now = real;
  const auto log = make_sql_log(parse_database_url(db.url()), [&now] { return now; });
  log->open();
  const auto ann = someone();
  const auto stored_at = [&](instant at, const std::string& text) {
    now = at;
    std::vector<draft> batch{says(ann, text)};
    const auto result = append(*log, batch);
    CHECK(log->before("lobby", no_end, 1).front().created_at == result.created_at);
    return result.created_at;
  };
  CHECK(stored_at(real, "one") == real);
  CHECK(stored_at(real + 24h, "two") == real + 24h);
  CHECK(stored_at(real + 1s, "three") == real + 1s);
  CHECK(stored_at(real + 1s, "four") == real + 1s);
  CHECK(texts(log->after(0, no_end, 10)) == strings{"one", "two", "three", "four"});
}

ON_BOTH_DATABASES("ids of more than 32 bits are stored and read as they are") {
  const auto log = open_log(db);
  db.sql("insert into messages (id, text, connection_id, user_message_number, created_at) values "
         "(4294967299, 'old', '00000000-0000-0000-0000-000000000000', 1, '2026-01-01 00:00:00')");
  if (!db.url().starts_with("sqlite"))
    db.sql("select setval('messages_id_seq', 4294967299)");
  std::vector<draft> batch{says(someone(), "new")};
  CHECK(append(*log, batch).receipts[0].id == 4294967300);
  const auto rows = log->after("lobby", 0, 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == 4294967299);
  CHECK(rows[1].id == 4294967300);
  CHECK(log->newest_id() == 4294967300);
}
