// What was accepted and waits for a commit: a queue a source, and the sources in turn.
// Knows: order, and who goes first. Must not know: the log, how much may wait.
#pragma once

#include "actors/intake.hpp"
#include "actors/protocol.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Who is told what became of a draft, and whose turn it was.
struct sender {
  connection_actor who;
  source_ptr of;
};

/// An accepted draft.
struct pending {
  draft what;
  sender from;
};

/// What one source says stays in order. However much it says, the next draft of another waits for
/// no more than one of it.
class backlog {
public:
  struct limits {
    std::size_t rows, bytes, of_one_source;
  };

  void push(pending next);

  /// The next batch. Bytes are exceeded by one draft at most.
  std::vector<pending> take(const limits& most);

  /// What was taken, the last first: it is taken again before all else.
  void put_back(pending last);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t sources() const { return turns_.size(); }

private:
  std::unordered_map<const source*, std::deque<pending>> lines_; ///< None is empty.
  std::deque<const source*> turns_;                              ///< Each of them once.
  std::deque<pending> again_;
  std::size_t size_ = 0;
};

} // namespace hubbub
