// Compares what all clients sent and received with the table, after the run.
// Knows what the hub promises; must not know which faults happened.
#pragma once

#include "tests/support/database.hpp"
#include "tests/torture/findings.hpp"

namespace torture {

/// The whole table in the order of the ids, with created_at in the format of the wire.
std::vector<shown> read_table(test::sql_session& from, bool sqlite);

/// Reports every broken promise as a violation.
class checker {
public:
  checker(std::vector<shown> table, std::vector<const client_record*> records, findings& found);

  void run();

private:
  void index();
  void check_seen();
  void check_posts();
  void check_readings();
  void check_numbers();
  void check_connections();
  void check_time();

  void check(const reading& what);
  void check(const connection_record& what, const client_record& whose);

  const std::vector<shown> table_;
  const std::vector<const client_record*> records_;
  findings& findings_;
  std::map<std::string, std::vector<row_id>> rooms_;
  std::unordered_map<row_id, const shown*> by_id_;
  std::unordered_map<std::string, const shown*> by_key_, by_text_;
  std::unordered_map<std::string, std::vector<const shown*>> by_connection_;
};

} // namespace torture
