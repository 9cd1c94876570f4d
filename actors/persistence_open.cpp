// How the log is opened: for the first time, again after a failure, or because it has lost rows.
// Knows: what was shown and stored before, and the forks of the log. Must not know: how rows are
// shown, or how a batch is stored.
#include "actors/older_hub.hpp"
#include "actors/persistence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hubbub {

void persistence_state::open_log() {
  auto [name, newest, forks, notice, older_hub_lives] = log_->open();
  if (!notice.empty())
    spdlog::warn("{}", notice);
  const bool first = log_name_.empty();
  bool same = name == log_name_ && shown_ != no_end;
  const auto news = same ? new_forks(forks, forks_) : std::vector<log_fork>{};
  if (!news.empty())
    go_on_after(news);
  same = same && newest >= shown_;
  auto last_fork = ingress_->log().last_fork();
  if (same)
    log_advanced_ = true; // other hubs may have stored rows while the log was unavailable
  else {
    shown_ = stored_ = newest;
    skipped_to_ = 0;
    last_fork.reset();
    if (!forks.empty())
      last_fork = fork_report{forks.back()};
  }
  phase_ = phase::open;
  ingress_->log().set_forks(forks, last_fork);
  record_older_hub(ingress_->log(), older_hub_lives);
  ingress_->log().set_available(true);
  log_name_ = name;
  forks_ = forks;
  spdlog::info("log {} is open at id {}", name, newest);
  if (!same && last_fork)
    spdlog::info("the log has a fork: messages up to id {} survived it, and new ones have "
                 "ids from {} on",
                 last_fork->fork.after, last_fork->fork.first);
  if (!same || !news.empty())
    self_->send(broadcaster_,
                log_opened{std::move(name), shown_, !same && !first, std::move(forks)});
}

/// Goes back to the rows that survived the forks, which are new. The rows that survived and were
/// not shown are shown next.
void persistence_state::go_on_after(const std::vector<log_fork>& news) {
  const auto newest = std::max(shown_, stored_);
  const auto lost = ids_between(forks_, surviving_position(news, newest), newest);
  shown_ = surviving_position(news, shown_);
  stored_ = surviving_position(news, stored_);
  skipped_to_ = newest_first(news) - 1;
  const auto all = *forks_over(news, 0);
  if (lost)
    spdlog::warn("the log has lost messages: those up to id {} survived, new ones have ids from {} "
                 "on, and at most {} of the messages that this hub has stored or shown are lost",
                 all.after, all.first, lost);
  else
    spdlog::warn("the log has a fork: every message that this hub has stored or shown survived, "
                 "the newest of the log has id {}, and new ones have ids from {} on",
                 all.after, all.first);
  counters_->add(counter::log_forks, news.size());
  counters_->add(counter::lost_messages, lost);
  ingress_->log().set_forks(forks_, fork_report{all, lost, std::chrono::system_clock::now()});
}

/// Opens the log again, at once if it is the first fork since the last success.
void persistence_state::reopen_log(const log_forked& why) {
  phase_ = phase::closed;
  if (std::exchange(reopening_, true)) {
    mark_unavailable("it has to be opened again");
    return;
  }
  spdlog::warn("{}; the log is opened again", why.what());
  self_->send(self_, retry_atom_v);
}

} // namespace hubbub
