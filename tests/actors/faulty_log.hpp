// A log that fails on demand.
// Knows: the port to the log. Must not know: actors.
#pragma once

#include "storage/log.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace test {

using namespace hubbub;

/// The faults that a test injects into a log, and what it records.
struct faults {
  int unavailable = 0;          ///< The number of next calls that fail before they do anything.
  int lost_answers = 0;         ///< The number of next appends that fail after they were stored.
  std::set<std::string> poison; ///< Texts that the log refuses.
  std::set<std::string> objectionable;      ///< Texts for which an append is a log_objection.
  int objections = 0;                       ///< The number of next appends that are objected to.
  std::size_t max_drafts_in_time = 1 << 20; ///< The most drafts that an append stores in time.
  bool check_fails = false;                 ///< `check` fails.
  int first_pages = 0;                      ///< Calls of `newest` for rooms, so far.
  std::vector<std::size_t> appended;        ///< The sizes of the batches that were tried, so far.
};

/// A log that fails as `faults` says, and otherwise does what the real one does.
class faulty_log final : public log {
public:
  faulty_log(std::unique_ptr<log> real, std::shared_ptr<faults> injected)
      : real_(std::move(real)), injected_(std::move(injected)) {}

  opened_log open() override { return may_fail(), real_->open(); }
  appended append(std::span<draft> drafts) override {
    may_fail();
    injected_->appended.push_back(drafts.size());
    for (const auto& d : drafts)
      if (injected_->poison.count(d.text))
        throw log_refusal("poison");
    for (const auto& d : drafts)
      if (injected_->objectionable.count(d.text))
        throw log_objection("poison");
    if (injected_->objections > 0) {
      --injected_->objections;
      throw log_objection("for now");
    }
    if (drafts.size() > injected_->max_drafts_in_time)
      throw log_too_slow("slow");
    if (injected_->lost_answers > 0) {
      --injected_->lost_answers;
      real_->append(drafts);
      throw log_unavailable("the answer was lost");
    }
    return real_->append(drafts);
  }
  std::vector<message> after(row_id cursor, row_id last, int limit) override {
    return may_fail(), real_->after(cursor, last, limit);
  }
  std::vector<message> after(const std::string& room, row_id cursor, int limit) override {
    return may_fail(), real_->after(room, cursor, limit);
  }
  std::vector<message> before(const std::string& room, row_id bound, int limit) override {
    return may_fail(), real_->before(room, bound, limit);
  }
  std::vector<message> newest(const std::vector<std::string>& rooms, row_id bound,
                              int limit) override {
    ++injected_->first_pages;
    return may_fail(), real_->newest(rooms, bound, limit);
  }
  row_id newest_id() override { return may_fail(), real_->newest_id(); }
  void check() override {
    may_fail();
    if (injected_->check_fails)
      throw log_unavailable("the check fails");
    real_->check();
  }
  void verify() override { may_fail(), real_->verify(); }
  void interrupt() override { real_->interrupt(); }

private:
  void may_fail() {
    if (injected_->unavailable > 0) {
      --injected_->unavailable;
      throw log_unavailable("unavailable");
    }
  }

  std::unique_ptr<log> real_;
  std::shared_ptr<faults> injected_;
};

} // namespace test
