// Holds what all clients did and saw against what the table has, when all is over.
// Knows what the hub promises; must not know how anything came about.
#pragma once

#include "tests/support/database.hpp"
#include "tests/torture/book.hpp"

namespace torture {

/// The whole table, in the order of the ids, with created_at as the wire has it.
std::vector<shown> read_table(test::sql_session& from, bool sqlite);

/// Writes every broken promise into the book, and counts.
class checker {
public:
  checker(std::vector<shown> table, std::vector<const diary*> diaries, book& notes);

  void run();

private:
  void index();
  void check_seen();
  void check_posts();
  void check_readings();
  void check_numbers();
  void check_sittings();
  void check_time();

  void check(const reading& what);
  void check(const sitting& what, const diary& whose);

  const std::vector<shown> table_;
  const std::vector<const diary*> diaries_;
  book& notes_;
  std::map<std::string, std::vector<row_id>> rooms_;
  std::unordered_map<row_id, const shown*> by_id_;
  std::unordered_map<std::string, const shown*> by_key_, by_text_;
  std::unordered_map<std::string, std::vector<const shown*>> by_connection_;
};

} // namespace torture
