// Compares what all clients sent and received with the table, after the run.
// Knows what the hub promises; must not know which faults happened.
#pragma once

#include "tests/support/database.hpp"
#include "tests/torture/findings.hpp"

namespace torture {

/// The whole table in the order of the ids, with created_at in the format of the wire.
std::vector<shown> read_table(test::sql_session& from, bool sqlite);

/// The forks that the log records, the oldest first.
std::vector<log_fork> read_forks(test::sql_session& from);

/// Everything that the database has at the end.
struct final_log {
  std::vector<shown> table;
  std::vector<log_fork> forks; ///< No message may be missing but those that a fork covers.
  bool keeps_all = true;       ///< No message may be missing at all.
};

/// Reports every broken promise as a violation.
class checker {
public:
  checker(final_log log, std::vector<const client_record*> records, findings& found);

  void run();

private:
  void index();
  void check_seen();
  void check_data();
  void check_posts();
  void check_units();
  void check_readings();
  void check_numbers();
  void check_connections();
  void check_time();
  void check_forks();

  void check(const post& what, const client_record& whose);
  void check_receipt(const receipt& what, const std::string& key);
  void check(const reading& what, bool knows_forks);
  void check_missed(const reading& what, std::size_t all);
  void check(const connection_record& what, const client_record& whose);

  bool is_lost(row_id id) const;
  bool may_lack(row_id from, row_id to) const;
  std::vector<row_id> surviving(const reading& what);

  const std::vector<shown> table_;
  const std::vector<log_fork> forks_;
  const bool keeps_all_;
  const std::vector<const client_record*> records_;
  findings& findings_;
  std::map<std::string, std::vector<row_id>> rooms_;
  std::unordered_map<row_id, const shown*> by_id_;
  std::unordered_map<std::string, const shown*> by_key_, by_text_;
  std::unordered_map<std::string, std::vector<const shown*>> by_connection_;
  std::unordered_map<std::string, row_id> known_at_start_; ///< By connection.
};

} // namespace torture
