#include "actors/watchdog.hpp"

namespace hubbub {

namespace {

constexpr std::chrono::seconds call_timeout{5}, check_every{1};

/// The log of with_deadlines.
class watched_log final : public log {
  template<class Call>
  auto watched(Call call) {
    const inflight_calls::entry under_way(*calls_, *real_);
    return call();
  }

public:
  watched_log(std::unique_ptr<log> real, std::shared_ptr<inflight_calls> calls)
      : real_(std::move(real)), calls_(std::move(calls)) {}

  opened_log open() override { return real_->open(); }
  appended append(std::span<draft> drafts) override {
    return watched([&] { return real_->append(drafts); });
  }
  std::optional<std::size_t> find_refused(std::span<const draft> unit) override {
    return watched([&] { return real_->find_refused(unit); });
  }
  log_page after(row_id cursor, row_id last, page_limit most) override {
    return watched([&] { return real_->after(cursor, last, most); });
  }
  log_page after(const std::string& room, row_id cursor, page_limit most) override {
    return watched([&] { return real_->after(room, cursor, most); });
  }
  log_page before(const std::string& room, row_id bound, page_limit most) override {
    return watched([&] { return real_->before(room, bound, most); });
  }
  row_id cursor_at(const std::string& room, instant at) override {
    return watched([&] { return real_->cursor_at(room, at); });
  }
  log_page search(const std::string& room, const std::string& text, row_id bound,
                  page_limit most) override {
    return watched([&] { return real_->search(room, text, bound, most); });
  }
  std::vector<log_page> newest(const std::vector<std::string>& rooms, row_id bound, page_limit most,
                               std::size_t total_bytes) override {
    return watched([&] { return real_->newest(rooms, bound, most, total_bytes); });
  }
  std::int64_t count(const std::string& room, row_id cursor, row_id last,
                     std::int64_t most) override {
    return watched([&] { return real_->count(room, cursor, last, most); });
  }
  row_id newest_id() override {
    return watched([&] { return real_->newest_id(); });
  }
  void check() override {
    watched([&] { real_->check(); });
  }
  void verify() override {
    watched([&] { real_->verify(); });
  }
  outbox_progress move_outbox(const outbox_limits& most) override {
    return watched([&] { return real_->move_outbox(most); });
  }
  void interrupt() override { real_->interrupt(); }

private:
  std::unique_ptr<log> real_;
  std::shared_ptr<inflight_calls> calls_;
};

} // namespace

inflight_calls::entry::entry(inflight_calls& all, log& callee) : all_(all) {
  const mutex_lock guard(all.mutex_);
  at_ = all.calls_.insert(all.calls_.end(), {&callee, clock::now()});
  if (!std::exchange(all.watchdog_runs_, true))
    caf::anon_send(all.watchdog_, check_calls_atom_v);
}

inflight_calls::entry::~entry() {
  const mutex_lock guard(all_.mutex_);
  all_.calls_.erase(at_);
}

bool inflight_calls::check(clock::duration most) {
  const mutex_lock guard(mutex_);
  const auto late = clock::now() - most;
  for (const auto& c : calls_)
    if (c.since < late)
      c.callee->interrupt();
  return watchdog_runs_ = !calls_.empty();
}

watchdog_actor::behavior_type watchdog(watchdog_actor::pointer self,
                                       const std::shared_ptr<inflight_calls>& calls) {
  return {[self, calls](check_calls_atom) {
    if (calls->check(call_timeout))
      self->delayed_send(self, check_every, check_calls_atom_v);
  }};
}

std::unique_ptr<log> with_deadlines(std::unique_ptr<log> real,
                                    std::shared_ptr<inflight_calls> calls) {
  return std::make_unique<watched_log>(std::move(real), std::move(calls));
}

} // namespace hubbub
