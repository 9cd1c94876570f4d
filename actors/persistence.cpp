#include "actors/persistence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_batch_rows = 4096;
constexpr std::size_t text_row_bytes = 4608; ///< A row with the longest text and no data.

/// The most rows of one address in a batch while other addresses also have drafts, and for
/// `contention_lasts` after that. So a new draft of another address waits only for a short batch.
constexpr std::size_t fair_rows = 128;
constexpr std::chrono::seconds contention_lasts{1};

/// The bytes of a batch for each address that has drafts, for the same reason. Texts alone do not
/// reach it.
constexpr std::size_t fair_bytes = 2 * fair_rows * text_row_bytes;

/// The time between two verifications of a log that has no other calls.
constexpr std::chrono::nanoseconds verify_every = 10s;

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
  page_.bytes = memory.share(std::size_t(page_.rows) * text_row_bytes, 64, text_row_bytes);
  page_.rows = int(page_.bytes / text_row_bytes);
  max_rows_ = max_batch_rows;
  schedule_flush();
  self_->delayed_send(self_, verify_every, probe_atom_v);
  return {
      [this](draft& d, const connection_actor& from, const ingress_quota_ptr& of) {
        backlog_.push({std::move(d), {from, of}});
        schedule_flush();
      },
      [this](draft_unit& u) {
        for (auto& d : u.drafts)
          backlog_.push({std::move(d), {{}, u.quota, std::exchange(u.answer, nullptr)}});
        schedule_flush();
      },
      [this](const log_advanced& news) {
        const bool advanced = news.newest > shown_, verify = news.verify && phase_ == phase::open;
        log_advanced_ |= advanced;
        if (verify)
          phase_ = phase::unverified;
        if (advanced || verify)
          schedule_flush();
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
        auto next = verify_every - (clock::now() - answered_at_);
        if (next <= 0ns) {
          next = verify_every;
          if (phase_ != phase::closed && !unavailable_) {
            phase_ = phase::unverified;
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

/// Sends a flush to this actor itself. All drafts that wait in the mailbox now are handled before
/// the flush, and so become one batch.
void persistence_state::schedule_flush() {
  if (!std::exchange(flush_pending_, true))
    self_->send(self_, flush_batch_atom_v);
}

void persistence_state::flush() {
  const log_status::call call(ingress_->log());
  try {
    if (phase_ == phase::unverified) {
      log_->verify();
      phase_ = phase::open; // only after a success: a failed verification is repeated
    }
    if (phase_ == phase::closed)
      open_log();
    read_on();
    commit();
    mark_available();
    answer_drains();
    if (!backlog_.empty() || (has_unread_rows() && pages_in_flight_ < max_pages_in_flight))
      schedule_flush();
  } catch (const log_refusal& e) {
    mark_available(); // a refusal is an answer of the log
    refuse_or_halve(e.what(), true);
    schedule_flush();
  } catch (const log_objection& e) {
    handle_objection(e.what());
  } catch (const log_too_slow& e) {
    handle_slowness(e.what());
  } catch (const log_forked& e) {
    reopen_log(e);
  } catch (const log_replaced& e) {
    spdlog::error("{}; the log is opened anew", e.what());
    phase_ = phase::closed;
    self_->send(self_, retry_atom_v);
  } catch (const std::exception& e) {
    for (auto& each : senders_)
      each.in_doubt = true;
    mark_unavailable(e.what());
  }
}

void persistence_state::take_batch() {
  failed_alone_ = slow_alone_ = false;
  const auto now = clock::now();
  if (backlog_.quotas() > 1)
    contended_at_ = now;
  backlog::limits most{max_rows_, max_bytes_, max_batch_rows};
  if (now - contended_at_ < contention_lasts) {
    most.rows_per_quota = fair_rows;
    most.bytes = std::min(most.bytes, fair_bytes * std::max(backlog_.quotas(), std::size_t{1}));
  }
  for (auto& next : backlog_.take(most)) {
    batch_.push_back(std::move(next.content));
    senders_.push_back(std::move(next.sender));
  }
}

void persistence_state::commit() {
  if (batch_.empty())
    take_batch();
  if (ingress_->log().older_hub_lives())
    refuse_data();
  if (batch_.empty())
    return;
  const auto began = append_began_at_ = clock::now();
  auto result = log_->append(batch_);
  const bool anew = ids_went_back(result);
  counters_->add_time(counter::commit, clock::now() - began);
  ingress_->log().mark_written();
  objected_before_ = false;
  // After a batch was halved, its limit of rows doubles with each commit. It is not restored at
  // once, because another faulty draft may follow soon.
  max_rows_ = std::min(2 * max_rows_, max_batch_rows);
  for (const auto& r : result.receipts)
    stored_ = std::max(stored_, r.id);
  spdlog::debug("stored {} messages up to id {}", batch_.size(), stored_);
  advance_numbers(batch_, result.receipts);
  settle(result);
  if (anew) {
    // The table was replaced by one with the same log name. After the log is opened again, the rows
    // of this batch are read like those of other hubs.
    phase_ = phase::closed;
    shown_ = no_end;
    schedule_flush();
  }
  show(std::exchange(batch_, {}), std::exchange(senders_, {}), std::move(result));
}

bool persistence_state::ids_went_back(const appended& result) const {
  return std::any_of(result.receipts.begin(), result.receipts.end(), [this](const receipt& r) {
    return r.result == append_result::stored && r.id <= stored_;
  });
}

void persistence_state::settle(const appended& result) {
  std::unordered_map<caf::actor_id, outcomes> all;
  std::uint64_t found = 0, stored = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const auto& r = result.receipts[i];
    found += r.result == append_result::found;
    stored += r.result == append_result::stored;
    if (senders_[i].answer)
      settle_unit(i, unit_size(batch_[i]), result);
    if (!senders_[i].connection)
      continue;
    outcome done{batch_[i].key, r.id, r.number};
    if (r.result == append_result::key_conflict)
      done.refused = refusal_code::key_conflict;
    all[senders_[i].connection.id()].push_back(std::move(done));
  }
  counters_->add(counter::found, found);
  counters_->add(counter::stored, stored);
  for (const auto& [to, quota, answer, in_doubt] : senders_)
    if (const auto at = to ? all.find(to.id()) : all.end(); at != all.end()) {
      self_->send(to, std::move(at->second));
      all.erase(at);
    }
}

/// Answers a unit, which is in the log or has a conflict.
void persistence_state::settle_unit(std::size_t first, std::size_t size, const appended& result) {
  unit_outcome out{log_name_, {}};
  out.messages.reserve(size);
  std::unordered_set<row_id> known;
  for (std::size_t i = 0; i < size; ++i) {
    const auto& r = result.receipts[first + i];
    const auto& d = batch_[first + i];
    if (r.result == append_result::key_conflict)
      return refuse_unit(first, refusal_code::key_conflict, i);
    const bool repeated = r.author_id != d.from->id || !known.insert(r.id).second;
    out.messages.push_back(
        {r.id, r.room.empty() ? d.room : r.room, r.author_id, r.number, r.created_at, repeated});
  }
  (*senders_[first].answer)(std::move(out));
}

void persistence_state::answer_drains() {
  if (!backlog_.empty() || !batch_.empty() || shown_ < stored_)
    return;
  for (auto& promise : std::exchange(drains_, {}))
    promise.delegate(broadcaster_, drain_atom_v);
}

} // namespace hubbub
