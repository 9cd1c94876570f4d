// A log with the index for searches.
#pragma once

#include "storage/search_index.hpp"
#include "tests/log/logs.hpp"

#include <algorithm>
#include <thread>

namespace test {

/// Makes the index of the log in this database.
inline void make_index(const test::database& db) {
  const auto where = hubbub::parse_database_url(db.url());
  const auto index = hubbub::make_search_index(where, hubbub::make_sqlite_file(where));
  while (index->step() != hubbub::index_progress::done)
    std::this_thread::yield();
}

/// A log with an index. The index is made after `first` is stored, if there is any.
struct searched_log {
  explicit searched_log(const test::database& of, const std::vector<std::string>& first = {})
      : db(of) {
    store(first);
    make_index(db);
  }

  void store(const std::vector<std::string>& all, const std::string& room = "lobby") {
    std::vector<hubbub::draft> batch;
    for (const auto& text : all)
      batch.push_back(says(who, text, {}, room));
    if (!batch.empty())
      append(*log, batch);
  }

  /// The newest first.
  std::vector<std::string> find(const std::string& text, const std::string& room = "lobby",
                                int limit = 100, hubbub::row_id bound = hubbub::no_end) {
    auto out = texts(log->search(room, text, bound, limit));
    std::reverse(out.begin(), out.end());
    return out;
  }

  const test::database& db;
  std::unique_ptr<hubbub::log> log = open_log(db);
  std::shared_ptr<hubbub::author> who = someone();
};

} // namespace test
