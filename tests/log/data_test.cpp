// The data of messages and the profiles of their authors, as they are stored and returned.
#include "tests/log/logs.hpp"

#include <functional>

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

namespace {

/// JSON texts of which a database, or a parser between the hub and a database, could lose a byte.
strings difficult_json() {
  const std::size_t longest = 256 << 10;
  strings out{"null",
              "false",
              "0",
              "-0.0",
              "1e999",
              "123456789012345678901234567890.10",
              "1E+2",
              R"("")",
              R"("NULL")",
              R"({"a":1,"a":2,"":null,"a":1})",
              R"([1 , 2,	3 ])",
              " { \"b\" : 1 ,\r\n\t\"a\" : [ ] } ",
              R"("\u0000")",
              R"({"\u0000":"a\u0000b"})",
              R"("\ud800")",
              R"("\udc00\ud800 \uDBFF")",
              R"("\ud83d\ude00")",
              R"("\/\b\f\n\r\t\"\\ \\u0000 \\\\u0000")",
              "\"\xF0\x9F\x98\x80 \x7F \xC2\x80 \xEF\xBF\xBF \xE2\x80\xA8 \xF4\x8F\xBF\xBF\"",
              "\"\xEF\xBB\xBF\"",
              R"({"o":9,"r":"den","t":"x","c":1,"n":7,"k":"key","a":"name","p":"user-x","d":"d"})",
              R"("'; drop table messages; -- :rows $1 ? %s {batch}")",
              std::string(longest, '['),
              std::string(longest / 2, '[') + std::string(longest / 2, ']'),
              '"' + std::string(longest - 2, '\'') + '"'};
  std::string escapes = "\"";
  while (escapes.size() < longest - 6)
    escapes += R"(\u0000)";
  out.push_back(escapes += '"');
  return out;
}

strings data_of(const std::vector<message>& rows) {
  strings out;
  for (const auto& m : rows)
    out.push_back(m.data);
  return out;
}

std::shared_ptr<const author_profile> profile(std::string name, std::string person, bool verified) {
  return std::make_shared<author_profile>(
      author_profile{std::move(name), std::move(person), verified});
}

} // namespace

ON_BOTH_DATABASES("data is returned byte for byte, whatever JSON it is, by every call") {
  const auto log = open_log(db);
  const auto ann = someone();
  const auto all = difficult_json();
  std::vector<draft> batch;
  for (const auto& data : all) {
    batch.push_back(says(ann, "text"));
    batch.back().data = data;
  }
  const auto first = append(*log, batch).receipts[0].id;
  const int limit = int(all.size());
  CHECK(data_of(log->after(0, no_end, limit)) == all);
  CHECK(data_of(log->after("lobby", 0, limit)) == all);
  CHECK(data_of(log->before("lobby", no_end, limit)) == all);
  CHECK(data_of(log->newest({"lobby"}, no_end, limit).at(0)) == all);
  CHECK(data_of(log->after(first, no_end, limit)) == strings(all.begin() + 1, all.end()));
}

ON_BOTH_DATABASES("a batch of one draft with a key and difficult data is stored and found again") {
  const auto log = open_log(db);
  int number = 0;
  for (const auto& data : difficult_json()) {
    std::vector<draft> batch{says(someone(), "", "key " + std::to_string(++number))};
    batch[0].data = data;
    const auto stored = log->append(batch).receipts[0];
    CHECK(log->append(batch).receipts[0].id == stored.id);
    const auto rows = log->before("lobby", no_end, 1);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].id == stored.id);
    CHECK(rows[0].text.empty());
    CHECK(rows[0].data == data);
  }
}

ON_BOTH_DATABASES("a message without data has none, and the JSON null is data") {
  const auto log = open_log(db);
  std::vector<draft> batch{says(someone(), "none"), says(someone(), "null")};
  batch[1].data = "null";
  append(*log, batch);
  CHECK(data_of(log->after(0, no_end, 10)) == strings{"", "null"});
  CHECK(db.value("select count(*) from messages where data is null") == "1");
  CHECK(db.value("select text from messages where data is null") == "none");
}

ON_BOTH_DATABASES("a message keeps the profile of its author") {
  const auto log = open_log(db);
  const std::vector<std::shared_ptr<const author_profile>> all{
      nullptr,
      profile("", "", false),
      profile("Ann \xF0\x9F\x92\xA1 \"'\\", "", false),
      profile("Ann", "anon-0123456789abcdef", false),
      profile("", "anon-0123456789abcdef", false),
      profile("ann@example.org", "user-0123456789abcdef", true),
      profile("ann@example.org", "", true)};
  std::vector<draft> batch;
  for (const auto& by : all) {
    batch.push_back(says(someone(), "text"));
    batch.back().by = by;
  }
  append(*log, batch);
  const auto rows = log->after("lobby", 0, 10);
  REQUIRE(rows.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(rows[i].by == (all[i] ? *all[i] : author_profile()));
  }
}

ON_BOTH_DATABASES("a name of a row without a person comes from a token, as in an older hub") {
  const auto log = open_log(db);
  const auto add = [&](const std::string& number, const std::string& name,
                       const std::string& person) {
    db.sql("insert into messages (text, connection_id, user_message_number, created_at, name, "
           "person) values ('text', '0a0b0c0d-0102-4304-8506-0708090a0b0c', " +
           number + ", '2026-01-31 09:30:00', " + name + ", " + person + ")");
  };
  add("1", "'Ann'", "null");
  add("2", "'Ann'", "''");
  add("3", "null", "null");
  add("4", "''", "'user-0123456789abcdef'");
  const auto rows = log->after("lobby", 0, 10);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].by == author_profile{"Ann", "", true});
  CHECK(rows[1].by == author_profile{"Ann", "", false});
  CHECK(rows[2].by == author_profile{});
  CHECK(rows[3].by == author_profile{"", "user-0123456789abcdef", false});
}

ON_BOTH_DATABASES("data and profiles are returned as triggers of the operator have changed them") {
  const auto log = open_log(db);
  if (db.url().starts_with("postgres"))
    db.sql("create function meddle() returns trigger language plpgsql as $$ begin new.data = "
           "'[\"' || new.person || '\"]'; new.person = 'anon-other'; return new; end $$; create "
           "trigger meddler before insert on messages for each row execute function meddle()");
  else
    db.sql("create trigger meddler after insert on messages begin update messages set data = '[\"' "
           "|| new.person || '\"]', person = 'anon-other' where id = new.id; end");
  std::vector<draft> batch{says(someone(), "text")};
  batch[0].by = profile("Ann", "anon-ann", false);
  batch[0].data = "{}";
  const auto result = append(*log, batch);
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0].data == "[\"anon-ann\"]");
  CHECK(result.rows[0].by == author_profile{"Ann", "anon-other", false});
}
