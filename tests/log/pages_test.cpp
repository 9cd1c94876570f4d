// Pages end after a number of rows or of bytes.
#include "tests/log/logs.hpp"

using namespace hubbub;
using namespace test;
using strings = std::vector<std::string>;

namespace {

/// Returns data with that many bytes.
std::string data_of_size(std::size_t bytes) {
  return '"' + std::string(bytes - 2, 'x') + '"';
}

/// Stores one message for each size of data, with the texts "1", "2" and so on.
void store(hubbub::log& log, const std::vector<std::size_t>& sizes,
           const std::string& room = "lobby") {
  std::vector<draft> batch;
  for (const auto bytes : sizes) {
    batch.push_back(says(someone(), std::to_string(batch.size() + 1), {}, room));
    if (bytes)
      batch.back().data = data_of_size(bytes);
  }
  append(log, batch);
}

std::vector<std::size_t> sizes_of(const log_page& page) {
  std::vector<std::size_t> out;
  for (const auto& row : page)
    out.push_back(row.data.size());
  return out;
}

using sizes = std::vector<std::size_t>;

} // namespace

ON_BOTH_DATABASES(
    "a page ends after the row that reaches its bytes, and tells whether rows follow") {
  const auto log = open_log(db);
  store(*log, {9, 9, 99'999, 9, 9});
  const auto first = log->after("lobby", 0, 1).at(0).id;
  for (const bool all_rooms : {false, true}) {
    const auto after = [&](row_id cursor, page_limit most) {
      return all_rooms ? log->after(cursor, no_end, most) : log->after("lobby", cursor, most);
    };
    for (const auto& each : {std::pair{1, 1},
                             {10, 1},
                             {11, 2},
                             {20, 2},
                             {21, 3},
                             {100'020, 3},
                             {100'021, 4},
                             {100'030, 4},
                             {100'031, 5}}) {
      const auto bytes = each.first;
      const auto rows = each.second;
      CAPTURE(bytes);
      const auto page = after(0, {10, std::size_t(bytes)});
      CHECK(page.size() == std::size_t(rows));
      CHECK(page.ended_early == (rows < 5));
    }
    CHECK(sizes_of(after(0, {10, 21})) == sizes{9, 9, 99'999});
    CHECK(sizes_of(after(first + 1, {10, 1})) == sizes{99'999});
    CHECK_FALSE(after(0, {10, 100'040}).ended_early); // nothing follows the row that reaches it
    CHECK_FALSE(after(0, {2, 20}).ended_early);       // its rows have ended the page
    CHECK(after(0, {3, 20}).ended_early);
    CHECK_FALSE(after(first + 4, {10, 1}).ended_early);
    CHECK(after(first + 4, {10, 1}).empty());
  }
  CHECK(log->after(0, first + 1, {10, 21}).size() == 2);
  CHECK_FALSE(log->after(0, first + 1, {10, 20}).ended_early);
}

ON_BOTH_DATABASES("a page back has the newest rows up to its bytes, the oldest first") {
  const auto log = open_log(db);
  store(*log, {9, 9, 99'999, 9});
  CHECK(texts(log->before("lobby", no_end, {10, 10})) == strings{"4"});
  CHECK(texts(log->before("lobby", no_end, {10, 11})) == strings{"3", "4"});
  CHECK(log->before("lobby", no_end, {10, 11}).ended_early);
  CHECK(texts(log->before("lobby", no_end, {10, 100'011})) == strings{"2", "3", "4"});
  CHECK(sizes_of(log->before("lobby", no_end, {10, 1'000'000})) == sizes{9, 9, 99'999, 9});
  CHECK_FALSE(log->before("lobby", no_end, {10, 1'000'000}).ended_early);
  CHECK_FALSE(log->before("lobby", no_end, {10, 100'030}).ended_early);
  CHECK(log->before("lobby", no_end, {10, 100'020}).ended_early);
}

ON_BOTH_DATABASES("pages of any size together are the whole room, each row once") {
  const auto log = open_log(db);
  sizes all;
  for (std::size_t i = 0; i < 150; ++i)
    all.push_back(i % 7 == 3 ? 3000 * i : i % 5 ? 0 : 200 + i);
  store(*log, all);
  for (const int rows : {1, 31, 32, 33, 64, 500})
    for (const std::size_t bytes : {std::size_t(1), std::size_t(5000), std::size_t(300'000)}) {
      CAPTURE(rows);
      CAPTURE(bytes);
      sizes found, back;
      for (row_id cursor = 0;;) {
        const auto page = log->after("lobby", cursor, {rows, bytes});
        for (const auto n : sizes_of(page))
          found.push_back(n);
        if (!page.ended_early && page.size() < std::size_t(rows))
          break;
        cursor = page.back().id;
      }
      CHECK(found == all);
      for (row_id bound = no_end;;) {
        const auto page = log->before("lobby", bound, {rows, bytes});
        const auto these = sizes_of(page);
        back.insert(back.begin(), these.begin(), these.end());
        if (!page.ended_early && page.size() < std::size_t(rows))
          break;
        bound = page.front().id;
      }
      CHECK(back == all);
    }
}

ON_BOTH_DATABASES("texts count in a page as data does, in bytes") {
  const auto log = open_log(db);
  std::vector<draft> batch;
  for (int i = 0; i < 50; ++i)
    batch.push_back(says(someone(), std::string(100, 'x') + "\xE4\xB8\x96\xE7\x95\x8C"));
  append(*log, batch);
  CHECK(log->after("lobby", 0, {50, 10 * 106}).size() == 10);
  CHECK(log->after("lobby", 0, {50, 10 * 106 + 1}).size() == 11);
  CHECK(log->before("lobby", no_end, {50, 10 * 106}).size() == 10);
}

ON_BOTH_DATABASES("the newest rows of many rooms end at the bytes of each room, and of all") {
  const auto log = open_log(db);
  store(*log, {9, 50'000, 9, 50'000}, "one");
  store(*log, {9, 9}, "two");
  store(*log, {9, 60'000}, "three");
  const strings rooms{"one", "none", "two", "three"};
  const auto newest = [&](page_limit most, std::size_t total) {
    std::vector<sizes> out;
    for (const auto& page : log->newest(rooms, no_end, most, total))
      out.push_back(sizes_of(page));
    return out;
  };
  const std::vector<sizes> all{{9, 50'000, 9, 50'000}, {}, {9, 9}, {9, 60'000}};
  CHECK(newest(50, 1'000'000) == all);
  CHECK(newest({50, 100'013}, 1'000'000) == all);
  CHECK(newest({50, 50'000}, 1'000'000) == std::vector<sizes>{{50'000}, {}, {9, 9}, {60'000}});
  CHECK(newest({50, 50'002}, 1'000'000) == std::vector<sizes>{{9, 50'000}, {}, {9, 9}, {60'000}});
  CHECK(newest({50, 50'000}, 1) == std::vector<sizes>{{50'000}});
  CHECK(newest({50, 50'000}, 50'002) == std::vector<sizes>{{50'000}, {}, {9, 9}});
  CHECK(newest({50, 50'000}, 50'022) == std::vector<sizes>{{50'000}, {}, {9, 9}, {60'000}});
  const auto pages = log->newest(rooms, no_end, {50, 50'000}, 1'000'000);
  CHECK(pages[0].ended_early);
  CHECK_FALSE(pages[1].ended_early);
  CHECK_FALSE(pages[2].ended_early);
  CHECK(pages[3].ended_early);
}

ON_BOTH_DATABASES("data that looks like the mark of long data is returned as it is") {
  const auto log = open_log(db);
  db.sql(
      "insert into messages (text, connection_id, user_message_number, created_at, data) values "
      "('a', '0a0b0c0d-0102-4304-8506-0708090a0b0c', 1, '2026-01-31 09:30:00', '#12'), ('b', "
      "'0a0b0c0d-0102-4304-8506-0708090a0b0c', 2, '2026-01-31 09:30:00', '#'), ('c', "
      "'0a0b0c0d-0102-4304-8506-0708090a0b0c', 3, '2026-01-31 09:30:00', '#99999999999999999999')");
  const auto page = log->after("lobby", 0, {10, 1000});
  REQUIRE(page.size() == 3);
  CHECK(page[0].data == "#12");
  CHECK(page[1].data == "#");
  CHECK(page[2].data == "#99999999999999999999");
}
