// What was accepted and waits for a commit: a queue a source, and the sources in turn.
// Knows: order, and who goes first. Must not know: the log, how much may wait.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/protocol.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Who is told what became of a draft, and whose turn it was.
struct draft_sender {
  connection_actor connection;
  ingress_quota_ptr quota;
};

/// An accepted draft.
struct pending_draft {
  draft content;
  draft_sender sender;
};

/// What one source says stays in order. However much it says, the next draft of another waits for
/// no more than one of it.
class backlog {
public:
  struct limits {
    std::size_t rows, bytes, rows_per_quota;
  };

  void push(pending_draft next);

  /// The next batch. Bytes are exceeded by one draft at most.
  std::vector<pending_draft> take(const limits& most);

  /// What was taken, the last first: it is taken again before all else.
  void put_back(pending_draft last);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t quotas() const { return turn_order_.size(); }

private:
  std::unordered_map<const ingress_quota*, std::deque<pending_draft>> queues_; ///< None is empty.
  std::deque<const ingress_quota*> turn_order_; ///< Each of them once.
  std::deque<pending_draft> returned_;
  std::size_t size_ = 0;
};

} // namespace hubbub
