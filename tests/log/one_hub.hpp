// The sessions of one hub, as a test needs them to lose rows under it.
#pragma once

#include "tests/log/logs.hpp"

namespace test {

/// The sessions of one hub, which share what the hub has seen.
struct one_hub {
  explicit one_hub(const test::database& db)
      : where(hubbub::parse_database_url(db.url())), writes(make()), reads(make()) {}

  std::unique_ptr<hubbub::log> make() const {
    return hubbub::make_sql_log(where, hubbub::system_time, file, {}, lineage);
  }

  /// Stores one message for each text and returns the ids.
  std::vector<hubbub::row_id> store(const std::vector<std::string>& all) {
    const auto who = someone();
    std::vector<hubbub::draft> batch;
    for (const auto& text : all)
      batch.push_back(says(who, text));
    std::vector<hubbub::row_id> ids;
    for (const auto& r : append(*writes, batch).receipts)
      ids.push_back(r.id);
    return ids;
  }

  hubbub::database where;
  std::shared_ptr<hubbub::sqlite_file> file = hubbub::make_sqlite_file(where);
  std::shared_ptr<hubbub::log_lineage> lineage = std::make_shared<hubbub::log_lineage>();
  std::unique_ptr<hubbub::log> writes, reads;
};

/// Loses the rows over `after`, as a server does that has not received them: the next id is the one
/// after `after` again.
inline void lose_rows(const test::database& db, hubbub::row_id after) {
  db.sql("delete from messages where id > " + std::to_string(after));
  if (db.url().starts_with("sqlite"))
    db.sql("update sqlite_sequence set seq = " + std::to_string(after));
  else
    db.sql("select setval('messages_id_seq', " +
           std::to_string(std::max<hubbub::row_id>(after, 1)) + ", " +
           (after > 0 ? "true" : "false") + ")");
}

/// Lets the recorded timeline be the one before that of the server, as on a standby after its
/// promotion.
inline void promote(const test::database& db) {
  db.sql("update hubbub_meta set value = replace(value, '/00000001', '/00000000') where name = "
         "'timeline'");
}

} // namespace test
