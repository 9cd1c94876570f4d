// What the persistence actor does when an append has failed, and while the log is unavailable.
// Knows: whether a draft or the log caused a failure, and how long to wait. Must not know: what a
// successful append leads to.
#include "actors/persistence.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace hubbub {

namespace {

/// How long a successful check of the log proves that the log can be written.
constexpr std::chrono::seconds proof_lasts{1};

constexpr std::chrono::milliseconds longest_pause{500};

} // namespace

/// The log has objected to the batch: either one of the drafts or the log itself is the cause.
/// Unless a check has shown within the last second that the log can be written, the batch is tried
/// once more after a first failure, and then the log is checked. If the log can be written, a draft
/// is the cause, and the batch is halved. A draft or a unit alone in its batch is refused only
/// after at least two failures, because the log may have recovered just before the check.
void persistence_state::handle_objection(const std::string& why) {
  if (append_began_at_ - proven_writable_at_ >= proof_lasts) {
    if (!std::exchange(objected_before_, true)) {
      self_->send(self_, retry_atom_v);
      return;
    }
    try {
      log_->check();
    } catch (const std::exception& e) {
      mark_unavailable(e.what());
      return;
    }
    proven_writable_at_ = clock::now();
  }
  if (is_one_unit() && !std::exchange(failed_alone_, true)) {
    self_->send(self_, retry_atom_v);
    return;
  }
  mark_available();
  refuse_or_halve(why, false);
  schedule_flush();
}

/// `certain`: the log has refused the batch, and has not only objected to it. Then the unit is
/// refused even if the search for the draft at fault fails: it would be refused again and again.
void persistence_state::refuse_or_halve(const std::string& why, bool certain) {
  if (is_one_unit()) {
    std::optional<std::size_t> index;
    try {
      index = log_->find_refused(batch_);
    } catch (const std::exception& e) {
      if (!certain) { // the unit stays in the batch, and is tried again
        mark_unavailable(e.what());
        return;
      }
      index.reset(); // GCC 12 loses the empty value at -O3
    }
    spdlog::warn("connection {} sent what the database refuses: {}",
                 to_string(batch_.front().from->id), why);
    refuse_unit(0, refusal_code::unstorable, index);
    drop_unit();
  } else {
    halve_batch();
  }
}

/// The log was too slow for the batch, and has stored nothing of it. A single draft is tried until
/// it is stored. A unit cannot be made smaller, so it is refused the second time: otherwise a unit
/// that always takes too long would be tried for ever. If an earlier append may have stored it, its
/// sender gets no answer, and so is told that it is in doubt.
void persistence_state::handle_slowness(const std::string& why) {
  if (!is_one_unit()) {
    halve_batch();
  } else if (batch_.size() > 1 && std::exchange(slow_alone_, true)) {
    spdlog::warn("{} messages of connection {} are refused, the database is too slow for them: {}",
                 batch_.size(), to_string(batch_.front().from->id), why);
    if (!senders_.front().in_doubt)
      refuse_unit(0, refusal_code::busy);
    drop_unit();
  }
  mark_unavailable(why);
}

void persistence_state::halve_batch() {
  max_rows_ = batch_.size() / 2;
  for (; !batch_.empty(); batch_.pop_back(), senders_.pop_back())
    backlog_.put_back({std::move(batch_.back()), std::move(senders_.back())});
}

void persistence_state::mark_unavailable(const std::string& why) {
  unavailable_ = true;
  if (reason_.is_new(why))
    spdlog::error("the log is away, nothing is lost: {}", why);
  counters_->add(counter::log_failures);
  ingress_->log().set_available(false);
  self_->delayed_send(self_, pause_, retry_atom_v);
  pause_ = std::min(2 * pause_, longest_pause);
}

void persistence_state::mark_available() {
  unavailable_ = reopening_ = false;
  answered_at_ = clock::now();
  if (reason_.clear())
    spdlog::info("the log is back, {} messages wait", backlog_.size());
  pause_ = first_pause;
  ingress_->log().set_available(true);
}

} // namespace hubbub
