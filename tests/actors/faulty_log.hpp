// A log that fails and loses rows on demand.
// Knows: the port to the log. Must not know: actors.
#pragma once

#include "storage/log.hpp"

#include <functional>
#include <memory>
#include <optional>
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
  bool search_fails = false;                ///< `find_refused` fails.
  bool search_is_slow = false;              ///< `find_refused` finds nothing in time.
  int counts = 0;                           ///< Calls of `count`, so far.
  int first_pages = 0;                      ///< Calls of `newest` for rooms, so far.
  /// Called once, at the end of the next `count`, or of the next `newest` for rooms.
  std::function<void()> after_count, after_first_page;
  std::vector<std::size_t> appended; ///< The sizes of the batches that were tried, so far.

  std::vector<log_fork> forks;      ///< The recorded forks, the oldest first.
  std::optional<row_id> lost_after; ///< Rows after this id are lost, and no fork is recorded yet.
  std::function<void(row_id)> fork_at; ///< Moves the ids of the table so that they go on from here.
  bool append_is_blind = false;        ///< An append does not notice a fork.
  int forked_calls = 0;                ///< The number of next calls that throw log_forked.
  std::size_t opened_forks = 0;        ///< The recorded forks at the last `open` of the hub.
  int opens = 0;                       ///< Calls of `open`, so far.
  bool older_hub = false;              ///< `open` finds an older hub.

  /// Records a fork: the rows up to `after` survived. Returns where ids go on.
  row_id fork(row_id after, row_id seen) {
    const auto first = seen + (row_id{1} << 32) + 7;
    forks.push_back({after, first});
    lost_after.reset();
    fork_at(first);
    return first;
  }
};

/// A log that fails as `faults` says, and otherwise does what the real one does.
class faulty_log final : public log {
public:
  /// `make` makes the real log.
  faulty_log(log_factory make, std::shared_ptr<faults> injected)
      : make_(std::move(make)), real_(make_()), injected_(std::move(injected)) {}

  opened_log open() override {
    may_fail();
    ++injected_->opens;
    if (injected_->lost_after)
      injected_->fork(*injected_->lost_after, seen_);
    if (opened_forks_ != injected_->forks.size())
      real_ = make_(); // the real log shall know nothing of the rows that are lost
    opened_forks_ = injected_->opened_forks = injected_->forks.size();
    auto out = real_->open();
    out.older_hub_lives = injected_->older_hub;
    out.newest = newest_of(out.newest);
    if (!injected_->forks.empty())
      out.forks = injected_->forks;
    seen_ = std::max(seen_, out.newest);
    return out;
  }
  appended append(std::span<draft> drafts) override {
    may_fail();
    if (!injected_->append_is_blind)
      may_be_forked();
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
    auto out = real_->append(drafts);
    for (const auto& r : out.receipts)
      seen_ = std::max(seen_, r.id);
    return out;
  }
  std::optional<std::size_t> find_refused(std::span<const draft> unit) override {
    may_fail();
    if (injected_->search_fails)
      throw log_unavailable("the search fails");
    if (injected_->search_is_slow)
      return {};
    return std::size_t(std::find_if(unit.begin(), unit.end(),
                                    [this](const draft& d) {
                                      return injected_->poison.count(d.text) ||
                                             injected_->objectionable.count(d.text);
                                    }) -
                       unit.begin());
  }
  log_page after(row_id cursor, row_id last, page_limit most) override {
    return may_fail(), real_->after(cursor, last, most);
  }
  log_page after(const std::string& room, row_id cursor, page_limit most) override {
    return may_fail(), real_->after(room, cursor, most);
  }
  log_page before(const std::string& room, row_id bound, page_limit most) override {
    return may_fail(), real_->before(room, bound, most);
  }
  row_id cursor_at(const std::string& room, instant at) override {
    return may_fail(), real_->cursor_at(room, at);
  }
  log_page search(const std::string& room, const std::string& text, row_id bound,
                  page_limit most) override {
    return may_fail(), real_->search(room, text, bound, most);
  }
  std::vector<log_page> newest(const std::vector<std::string>& rooms, row_id bound, page_limit most,
                               std::size_t total_bytes) override {
    ++injected_->first_pages;
    may_fail();
    auto out = real_->newest(rooms, bound, most, total_bytes);
    act(injected_->after_first_page);
    return out;
  }
  std::int64_t count(const std::string& room, row_id cursor, row_id last,
                     std::int64_t most) override {
    ++injected_->counts;
    may_fail();
    const auto out = real_->count(room, cursor, last, most);
    act(injected_->after_count);
    return out;
  }
  row_id newest_id() override { return may_fail(), newest_of(real_->newest_id()); }
  void check() override {
    may_fail();
    may_be_forked();
    if (injected_->check_fails)
      throw log_unavailable("the check fails");
    real_->check();
  }
  void verify() override { may_fail(), may_be_forked(), real_->verify(); }
  void interrupt() override { real_->interrupt(); }

private:
  void may_fail() {
    if (injected_->unavailable > 0) {
      --injected_->unavailable;
      throw log_unavailable("unavailable");
    }
  }

  static void act(std::function<void()>& what) {
    if (const auto once = std::exchange(what, nullptr))
      once();
  }

  void may_be_forked() {
    const bool forked = injected_->lost_after || injected_->opened_forks != injected_->forks.size();
    if (injected_->forked_calls > 0 || forked) {
      injected_->forked_calls -= injected_->forked_calls > 0;
      throw log_forked("rows are lost");
    }
  }
  row_id newest_of(row_id stored) const {
    return injected_->forks.empty() ? stored : std::max(stored, injected_->forks.back().first - 1);
  }

  const log_factory make_;
  std::unique_ptr<log> real_;
  std::shared_ptr<faults> injected_;
  std::size_t opened_forks_ = 0; ///< The recorded forks at the last `open` of this object.
  row_id seen_ = 0;              ///< The newest id that this hub has stored or found.
};

} // namespace test
