// The plan of one append: which drafts are in the log already, and the numbers of the new ones.
// Knows: keys, numbers, authors. Must not know: transactions, errors, databases.
#pragma once

#include "storage/log.hpp"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

class statements;
struct seen_row;

/// The plan of one try. Its functions are to be called in the order of their declaration, on one
/// thread. The drafts outlive the plan; each draft keeps the number of its last try.
class append_plan {
public:
  /// `rows_may_change`: rows may be stored otherwise than the drafts say, so a draft and a row are
  /// not compared.
  append_plan(std::span<draft> drafts, bool rows_may_change);

  /// Returns whether some of the drafts may be in the log already.
  bool needs_lookup() const;

  /// Finds the drafts that are in the log already, by their keys or, without a key, by the
  /// author of the draft and the number that its last try gave it. A draft whose key belongs to
  /// another message is a key_conflict, unless rows may be stored changed.
  void find_stored(statements& run);

  /// Numbers the drafts that are to be stored, each after the last stored message of its author.
  /// Returns them in the format of a batch that `dialect` describes, or an empty text if there are
  /// none.
  /// If a draft of a unit is a conflict, none of its unit is to be stored.
  std::string assign_numbers();

  /// Returns the number of rows in the result of `assign_numbers`.
  std::size_t row_count() const { return new_drafts_.size(); }

  /// Finds, numbers and inserts the drafts, by all of the functions around this one. Is to be
  /// called under the append lock. Returns false, and has stored nothing, if the statements do not
  /// fit the table or the log is not as `seen` says; see statements::insert. `now`: the time of new
  /// rows.
  bool store(statements& run, const seen_row& seen, instant now);

  /// Takes the ids of the rows that were stored, in the order of the rows. Throws
  /// std::runtime_error if their number differs from `row_count`.
  void set_stored(const std::vector<row_id>& ids);

  /// Takes the rows as they are stored after triggers and rules have changed them, in any order.
  /// Throws log_refusal if a row is missing.
  void set_stored(std::vector<message> rows);

  /// Returns the receipts. Is to be called after the commit.
  appended finish(instant created_at);

private:
  using first_with_key = std::unordered_map<std::string_view, std::size_t>;

  bool find_duplicates(std::size_t begin, std::size_t end, first_with_key& keys);
  void refuse_unit(std::size_t begin, std::size_t end);

  std::span<draft> drafts_;
  const bool rows_may_change_;
  std::vector<receipt> receipts_;       ///< One for each draft.
  std::vector<message> rows_;           ///< See appended::rows.
  std::vector<std::size_t> new_drafts_; ///< The drafts that are to be stored.
  /// The drafts that repeat an earlier draft in the batch, each with that draft.
  std::vector<std::pair<std::size_t, std::size_t>> duplicates_;
};

} // namespace hubbub
