// The accepted drafts that wait for a commit: one queue per client address, served in turn.
// Knows: the order of drafts, and which queue is next. Must not know: the log, or how much may
// wait.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The receiver of the outcome of a draft, and the ingress quota that the draft counts in.
struct draft_sender {
  connection_actor connection; ///< Null for a draft of a unit.
  ingress_quota_ptr quota;
  unit_answer answer = {}; ///< Of a unit's first draft: gets the outcome of the unit. Else null.
  bool in_doubt = false;   ///< An append without an answer may have stored the draft.
};

/// An accepted draft.
struct pending_draft {
  draft content;
  draft_sender sender;
};

/// Round robin over ingress quotas, which are client addresses: each turn takes one draft, or one
/// unit (author::unit). The drafts of one quota stay in order. Between two single drafts of a
/// quota, each other quota has at most one draft or unit. A quota that has given a unit is passed
/// over until its turns are as many as its drafts. Drafts that were put back come before all
/// others.
class backlog {
public:
  struct limits {
    std::size_t rows, bytes, rows_per_quota;
  };

  /// The drafts of a unit are to be pushed one behind the other.
  void push(pending_draft next);

  /// Removes and returns the next batch, which never has a part of a unit. The last draft or unit
  /// may exceed the limit on bytes, and a unit that is alone in its batch the one on rows.
  std::vector<pending_draft> take(const limits& most);

  /// Returns a draft of `take` to the backlog, in front of all others. Return a batch from its last
  /// draft to its first.
  void put_back(pending_draft last);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// The number of quotas with queued drafts. Drafts that were put back do not count.
  std::size_t quotas() const { return turn_order_.size(); }

private:
  struct quota_queue {
    std::deque<pending_draft> drafts;
    std::uint64_t batch = 0; ///< The number of the last batch that took from this queue.
    std::size_t taken = 0;   ///< The drafts that this batch took.
  };

  /// No queue is empty. The drafts in a queue keep its quota alive.
  std::unordered_map<const ingress_quota*, quota_queue> queues_;
  std::uint64_t batches_ = 0;                   ///< The number of the present batch.
  std::deque<const ingress_quota*> turn_order_; ///< The keys of `queues_`, each once.
  std::deque<pending_draft> returned_;          ///< Drafts that were put back.
  std::size_t size_ = 0;                        ///< The drafts in queues_ and in returned_.
};

} // namespace hubbub
