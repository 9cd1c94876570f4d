#include "actors/persistence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_batch_rows = 4096;
constexpr std::size_t max_row_bytes = 4608; ///< With the longest text.

/// In a batch, of one source among others; they may come back at any moment, and wait for no more.
constexpr std::size_t fair_rows = 128;
constexpr std::chrono::seconds contention_lasts{1};

/// While nobody says anything.
constexpr std::chrono::nanoseconds verify_every = 10s;

constexpr std::size_t max_pages_in_flight = 2;

} // namespace

persistence_actor::behavior_type persistence_state::start(pointer self, const log_factory& make,
                                                          broadcaster_actor broadcaster,
                                                          std::shared_ptr<ingress_budget> ingress,
                                                          std::shared_ptr<hub_counters> counters,
                                                          const memory_budget& memory) {
  self_ = self;
  log_ = make();
  broadcaster_ = std::move(broadcaster);
  ingress_ = std::move(ingress);
  counters_ = std::move(counters);
  max_bytes_ = memory.share(max_bytes_, 64);
  page_rows_ =
      int(memory.share(std::size_t(page_rows_) * max_row_bytes, 64, max_row_bytes) / max_row_bytes);
  max_rows_ = max_batch_rows;
  schedule_flush();
  self_->delayed_send(self_, verify_every, probe_atom_v);
  return {
      [this](draft& d, const connection_actor& from, const ingress_quota_ptr& of) {
        backlog_.push({std::move(d), {from, of}});
        schedule_flush();
      },
      [this](const log_advanced& news) {
        if (news.newest > shown_) {
          log_advanced_ = true;
          schedule_flush();
        }
      },
      [this](shown_atom) {
        --pages_in_flight_;
        if (has_unread_rows())
          schedule_flush();
      },
      [this](flush_batch_atom) {
        flush_pending_ = false;
        if (!unavailable_)
          flush();
      },
      [this](retry_atom) {
        counters_->add(counter::retries);
        flush();
      },
      [this](probe_atom) {
        auto next = verify_every - (std::chrono::steady_clock::now() - answered_at_);
        if (next <= 0ns) {
          next = verify_every;
          if (log_open_ && !unavailable_) {
            verify_next_ = true;
            schedule_flush();
          }
        }
        self_->delayed_send(self_, next, probe_atom_v);
      },
      [](const heartbeat_request& r) { r.heartbeat->beat(); },
      [this](drain_atom) -> caf::result<bool> {
        drains_.push_back(self_->make_response_promise<bool>());
        answer_drains();
        schedule_flush();
        return caf::delegated<bool>{};
      },
  };
}

/// Behind everything that waits in the mailbox by now, which is how that becomes one batch.
void persistence_state::schedule_flush() {
  if (!std::exchange(flush_pending_, true))
    self_->send(self_, flush_batch_atom_v);
}

void persistence_state::flush() {
  const log_status::call under_way(ingress_->log());
  try {
    if (verify_next_)
      log_->verify();
    verify_next_ = false; // not before: until then nothing says that the log is back
    if (!log_open_)
      open_log();
    read_on();
    commit();
    mark_available();
    answer_drains();
    if (!backlog_.empty() || (has_unread_rows() && pages_in_flight_ < max_pages_in_flight))
      schedule_flush();
  } catch (const log_refusal& e) {
    mark_available(); // it has answered
    refuse_or_halve(e.what());
    schedule_flush();
  } catch (const log_objection& e) {
    handle_objection(e.what());
  } catch (const log_too_slow& e) {
    if (batch_.size() > 1) // or a batch that always takes too long is tried for ever
      halve_batch();
    mark_unavailable(e.what());
  } catch (const log_replaced& e) {
    spdlog::error("{}; the log is opened anew", e.what());
    log_open_ = verify_next_ = false;
    self_->send(self_, retry_atom_v);
  } catch (const std::exception& e) {
    mark_unavailable(e.what());
  }
}

void persistence_state::open_log() {
  auto name = log_->open();
  const auto newest = log_->newest();
  const bool first = log_name_.empty(), same = name == log_name_ && newest >= shown_;
  if (same)
    log_advanced_ = true; // its table may have been away, and others may have written meanwhile
  else
    shown_ = stored_ = newest;
  log_open_ = true;
  ingress_->log().set_available(true);
  log_name_ = name;
  spdlog::info("log {} is open at id {}", name, newest);
  if (!same)
    self_->send(broadcaster_, log_opened{std::move(name), newest, !first});
}

void persistence_state::commit() {
  if (batch_.empty()) {
    failed_alone_ = false;
    const auto now = std::chrono::steady_clock::now();
    if (backlog_.quotas() > 1)
      contended_at_ = now;
    const auto per_quota = now - contended_at_ < contention_lasts ? fair_rows : max_batch_rows;
    for (auto& next : backlog_.take({max_rows_, max_bytes_, per_quota})) {
      batch_.push_back(std::move(next.content));
      senders_.push_back(std::move(next.sender));
    }
  }
  if (batch_.empty())
    return;
  const auto began = append_began_at_ = std::chrono::steady_clock::now();
  auto result = log_->append(batch_);
  const bool anew = ids_went_back(result);
  counters_->add_time(counter::commit, std::chrono::steady_clock::now() - began);
  ingress_->log().mark_written();
  objected_before_ = false;
  // As many as went well, and as many again: where there is one to be refused, another may be near.
  max_rows_ = std::min(2 * max_rows_, max_batch_rows);
  for (const auto& r : result.receipts)
    stored_ = std::max(stored_, r.id);
  spdlog::debug("stored {} messages up to id {}", batch_.size(), stored_);
  settle(result);
  if (anew) {
    // Somebody made the table anew, under the same name. Those rows are read as all others.
    log_open_ = false;
    shown_ = no_end;
    schedule_flush();
  }
  show(std::exchange(batch_, {}), std::exchange(senders_, {}), std::move(result));
}

bool persistence_state::ids_went_back(const appended& result) const {
  return std::any_of(result.receipts.begin(), result.receipts.end(),
                     [this](const receipt& r) { return !r.found && r.id <= stored_; });
}

/// Rows that follow what was shown go out as they are. Those of others between are read first; if
/// they are too many for now, ours are read in their turn.
void persistence_state::show(std::vector<draft> mine, std::vector<draft_sender> senders,
                             appended result) {
  std::vector<ingress_budget::share> shares;
  shares.reserve(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i)
    shares.push_back({std::move(senders[i].quota), weight(mine[i])});
  const auto credit = ingress_budget::credit(ingress_, std::move(shares));
  auto rows = std::make_shared<batch>();
  rows->credit = credit;
  rows->rows.reserve(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const auto& r = result.receipts[i];
    auto& d = mine[i];
    if (r.found)
      continue;
    if (!rows->rows.empty() && r.id != rows->rows.back().id + 1)
      return; // somebody who writes without the lock
    if (!result.rows.empty()) {
      rows->rows.push_back(std::move(result.rows[i]));
      continue;
    }
    rows->rows.push_back({r.id, std::move(d.room), std::move(d.text), d.from->id, r.number,
                          result.created_at, std::move(d.key), d.from->name});
  }
  if (rows->rows.empty() || !log_open_)
    return;
  const auto first = rows->rows.front().id;
  if (first > shown_ + 1 && !read_up_to(first - 1))
    return;
  shown_ = rows->rows.back().id;
  self_->send(broadcaster_, batch_ptr(std::move(rows)));
}

void persistence_state::read_on() {
  if (!has_unread_rows() || pages_in_flight_ >= max_pages_in_flight)
    return;
  if (!read_up_to(no_end))
    return;
  if (shown_ < stored_)
    throw std::runtime_error("rows up to id " + std::to_string(stored_) +
                             " were stored and cannot be found");
  log_advanced_ = false;
}

/// Reads and shows what follows, up to this id. False: there may be more, and it has to wait.
bool persistence_state::read_up_to(row_id last) {
  while (pages_in_flight_ < max_pages_in_flight) {
    auto rows = std::make_shared<batch>();
    rows->rows = log_->after(shown_, last, page_rows_);
    const bool all = rows->rows.size() < std::size_t(page_rows_);
    if (!rows->rows.empty()) {
      shown_ = rows->rows.back().id;
      ++pages_in_flight_;
      rows->credit = {this, [self = persistence_actor{self_}](const persistence_state*) {
                        caf::anon_send(self, shown_atom_v);
                      }};
      self_->send(broadcaster_, batch_ptr(std::move(rows)));
    }
    if (all)
      return true;
  }
  return false;
}

void persistence_state::settle(const appended& result) {
  std::unordered_map<caf::actor_id, outcomes> all;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const auto& r = result.receipts[i];
    found += r.found;
    all[senders_[i].connection.id()].push_back({batch_[i].key, r.id, r.number, false});
  }
  counters_->add(counter::found, found);
  counters_->add(counter::stored, batch_.size() - found);
  for (const auto& [to, of] : senders_)
    if (const auto at = all.find(to.id()); at != all.end()) {
      self_->send(to, std::move(at->second));
      all.erase(at);
    }
}

void persistence_state::answer_drains() {
  if (!backlog_.empty() || !batch_.empty() || shown_ < stored_)
    return;
  for (auto& promise : std::exchange(drains_, {}))
    promise.delegate(broadcaster_, drain_atom_v);
}

} // namespace hubbub
