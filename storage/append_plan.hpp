// What one append makes of its drafts: which of them are in the log already, and the numbers of the
// others.
// Knows: keys, numbers, authors. Must not know: transactions, errors, databases.
#pragma once

#include "storage/log.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

class statements;

/// Of one try. Its calls come in the order in which they stand here. The drafts outlive it; each of
/// them remembers the number of its last try.
class append_plan {
public:
  explicit append_plan(std::span<draft> drafts);

  /// Whether some of the drafts may be in the log already.
  bool looks() const;

  /// Finds the drafts that are in the log already, by their keys or, without a key, by their
  /// authors and the numbers of their last try.
  void find(statements& run);

  /// Numbers the drafts that were not found, each after the last stored one of its author. Returns
  /// them as the dialect describes a batch; empty if all were found.
  std::string number();

  /// How many rows `number` returned.
  std::size_t rows() const { return fresh_.size(); }

  /// The rows are stored, with these ids, in their order. Throws std::runtime_error if there are
  /// more or fewer.
  void stored(const std::vector<row_id>& ids);

  /// The rows as they are stored, in any order, after triggers and rules have changed them. Throws
  /// log_refusal if one is missing.
  void stored(std::vector<message> rows);

  /// The transaction has ended well: the authors' counters move.
  appended end(instant created_at);

private:
  std::span<draft> drafts_;
  std::vector<receipt> receipts_;  ///< One a draft.
  std::vector<message> rows_;      ///< One a draft, or none at all; see appended.
  std::vector<bool> owned_;        ///< Of each draft: its row is its author's.
  std::vector<std::size_t> fresh_; ///< Drafts that are to be stored.
  /// Drafts with the key of an earlier one in the batch, and that one.
  std::vector<std::pair<std::size_t, std::size_t>> twins_;
};

} // namespace hubbub
