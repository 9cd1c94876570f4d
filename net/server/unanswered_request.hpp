// The number of publications that a stop waits for.
// Knows: when a publication has its outcome. Must not know: what a request asks for.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace hubbub {

/// The publications that are under way. Threads: any.
struct unanswered_requests {
  std::atomic<int> undecided = 0; ///< Their outcome is not known yet.
  std::atomic<int> unwritten = 0; ///< Their answer is not written yet.
};

/// Counts a publication for as long as the object lives. A coroutine that holds the object may be
/// destroyed after everything else, so it shares the counters.
class unanswered_request {
public:
  /// Counts nothing if `in` is null.
  explicit unanswered_request(std::shared_ptr<unanswered_requests> in)
      : undecided_(in), unwritten_(std::move(in)) {
    if (unwritten_)
      ++unwritten_->unwritten, ++undecided_->undecided;
  }
  ~unanswered_request() {
    decided();
    if (unwritten_)
      --unwritten_->unwritten;
  }
  unanswered_request(const unanswered_request&) = delete;

  /// To be called when the outcome is known, before the answer is written.
  void decided() {
    if (const auto in = std::exchange(undecided_, nullptr))
      --in->undecided;
  }

private:
  std::shared_ptr<unanswered_requests> undecided_; ///< Null after `decided`.
  const std::shared_ptr<unanswered_requests> unwritten_;
};

} // namespace hubbub
