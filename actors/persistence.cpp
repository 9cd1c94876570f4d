#include "actors/persistence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_rows = 4096;
constexpr std::size_t heavy_row = 4608; ///< With the longest text.

/// In a batch, of one source among others; they may come back at any moment, and wait for no more.
constexpr std::size_t fair_rows = 128;
constexpr std::chrono::seconds among_others_for{1};

/// While nobody says anything.
constexpr std::chrono::nanoseconds verify_every = 10s;

constexpr std::size_t most_pages = 2;

/// Advances the counters of the authors to the numbers of their rows. A key of another author has
/// the number of that author, which counts nothing here. A lost answer brings no receipts; the next
/// try finds the rows, and its receipts advance the counters.
void advance_numbers(const std::vector<draft>& drafts, const std::vector<receipt>& receipts) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    auto& from = *drafts[i].from;
    if (receipts[i].author_id == from.id)
      from.last_number = std::max(from.last_number, receipts[i].number);
  }
}

} // namespace

persistence_actor::behavior_type persistence_state::start(pointer self, const log_factory& make,
                                                          broadcaster_actor rooms,
                                                          std::shared_ptr<intake> accepted,
                                                          std::shared_ptr<figures> counted,
                                                          const memory_budget& memory) {
  self_ = self;
  log_ = make();
  rooms_ = std::move(rooms);
  accepted_ = std::move(accepted);
  counted_ = std::move(counted);
  most_bytes_ = memory.share(most_bytes_, 64);
  page_rows_ = int(memory.share(std::size_t(page_rows_) * heavy_row, 64, heavy_row) / heavy_row);
  most_ = most_rows;
  wake();
  self_->delayed_send(self_, verify_every, probe_atom_v);
  return {
      [this](draft& d, const connection_actor& from, const source_ptr& of) {
        backlog_.push({std::move(d), {from, of}});
        wake();
      },
      [this](const log_advanced& news) {
        if (news.newest > shown_) {
          told_ = true;
          wake();
        }
      },
      [this](shown_atom) {
        --unshown_;
        if (behind())
          wake();
      },
      [this](flush_batch_atom) {
        woken_ = false;
        if (!away_)
          run();
      },
      [this](retry_atom) {
        counted_->add(figure::retries);
        run();
      },
      [this](probe_atom) {
        auto next = verify_every - (std::chrono::steady_clock::now() - answered_);
        if (next <= 0ns) {
          next = verify_every;
          if (open_ && !away_) {
            verify_ = true;
            wake();
          }
        }
        self_->delayed_send(self_, next, probe_atom_v);
      },
      [](const expected& e) { e.of->beat(); },
      [this](drain_atom) -> caf::result<bool> {
        drains_.push_back(self_->make_response_promise<bool>());
        answer_drains();
        wake();
        return caf::delegated<bool>{};
      },
  };
}

/// Behind everything that waits in the mailbox by now, which is how that becomes one batch.
void persistence_state::wake() {
  if (!std::exchange(woken_, true))
    self_->send(self_, flush_batch_atom_v);
}

void persistence_state::run() {
  const intake::watch watched(*accepted_);
  try {
    if (verify_)
      log_->verify();
    verify_ = false; // not before: until then nothing says that the log is back
    if (!open_)
      open();
    read_on();
    commit();
    well();
    answer_drains();
    if (!backlog_.empty() || (behind() && unshown_ < most_pages))
      wake();
  } catch (const log_refusal& e) {
    well(); // it has answered
    refuse_or_halve(e.what());
    wake();
  } catch (const log_objection& e) {
    doubt(e.what());
  } catch (const log_too_slow& e) {
    if (trying_.size() > 1) // or a batch that always takes too long is tried for ever
      halve();
    away(e.what());
  } catch (const log_replaced& e) {
    spdlog::error("{}; the log is opened anew", e.what());
    open_ = verify_ = false;
    self_->send(self_, retry_atom_v);
  } catch (const std::exception& e) {
    away(e.what());
  }
}

void persistence_state::open() {
  auto name = log_->open();
  const auto newest = log_->newest_id();
  const bool first = name_.empty(), same = name == name_ && newest >= shown_;
  if (same)
    told_ = true; // its table may have been away, and others may have written meanwhile
  else
    shown_ = stored_ = newest;
  open_ = true;
  accepted_->log_well(true);
  name_ = name;
  spdlog::info("log {} is open at id {}", name, newest);
  if (!same)
    self_->send(rooms_, opened{std::move(name), newest, !first});
}

void persistence_state::commit() {
  if (trying_.empty()) {
    alone_ = false;
    const auto now = std::chrono::steady_clock::now();
    if (backlog_.sources() > 1)
      shared_ = now;
    const auto of_one = now - shared_ < among_others_for ? fair_rows : most_rows;
    for (auto& next : backlog_.take({most_, most_bytes_, of_one})) {
      trying_.push_back(std::move(next.what));
      senders_.push_back(std::move(next.from));
    }
  }
  if (trying_.empty())
    return;
  const auto began = tried_ = std::chrono::steady_clock::now();
  auto result = log_->append(trying_);
  const bool anew = ids_went_back(result);
  counted_->add_time(figure::commit, std::chrono::steady_clock::now() - began);
  accepted_->log_written();
  objected_ = false;
  // As many as went well, and as many again: where there is one to be refused, another may be near.
  most_ = std::min(2 * most_, most_rows);
  for (const auto& r : result.receipts)
    stored_ = std::max(stored_, r.id);
  spdlog::debug("stored {} messages up to id {}", trying_.size(), stored_);
  advance_numbers(trying_, result.receipts);
  settle(result);
  if (anew) {
    // Somebody made the table anew, under the same name. Those rows are read as all others.
    open_ = false;
    shown_ = no_end;
    wake();
  }
  show(std::exchange(trying_, {}), std::exchange(senders_, {}), std::move(result));
}

bool persistence_state::ids_went_back(const appended& result) const {
  return std::any_of(result.receipts.begin(), result.receipts.end(),
                     [this](const receipt& r) { return !r.found && r.id <= stored_; });
}

/// Rows that follow what was shown go out as they are. Those of others between are read first; if
/// they are too many for now, ours are read in their turn.
void persistence_state::show(std::vector<draft> mine, std::vector<sender> senders,
                             appended result) {
  std::vector<intake::share> shares;
  shares.reserve(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i)
    shares.push_back({std::move(senders[i].of), weight(mine[i])});
  const auto credit = intake::credit(accepted_, std::move(shares));
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
  if (rows->rows.empty() || !open_)
    return;
  const auto first = rows->rows.front().id;
  if (first > shown_ + 1 && !read_up_to(first - 1))
    return;
  shown_ = rows->rows.back().id;
  self_->send(rooms_, batch_ptr(std::move(rows)));
}

void persistence_state::read_on() {
  if (!behind() || unshown_ >= most_pages)
    return;
  if (!read_up_to(no_end))
    return;
  if (shown_ < stored_)
    throw std::runtime_error("rows up to id " + std::to_string(stored_) +
                             " were stored and cannot be found");
  told_ = false;
}

/// Reads and shows what follows, up to this id. False: there may be more, and it has to wait.
bool persistence_state::read_up_to(row_id last) {
  while (unshown_ < most_pages) {
    auto rows = std::make_shared<batch>();
    rows->rows = log_->after(shown_, last, page_rows_);
    const bool all = rows->rows.size() < std::size_t(page_rows_);
    if (!rows->rows.empty()) {
      shown_ = rows->rows.back().id;
      ++unshown_;
      rows->credit = {this, [self = persistence_actor{self_}](const persistence_state*) {
                        caf::anon_send(self, shown_atom_v);
                      }};
      self_->send(rooms_, batch_ptr(std::move(rows)));
    }
    if (all)
      return true;
  }
  return false;
}

void persistence_state::settle(const appended& result) {
  std::unordered_map<caf::actor_id, outcomes> all;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < trying_.size(); ++i) {
    const auto& r = result.receipts[i];
    found += r.found;
    all[senders_[i].who.id()].push_back({trying_[i].key, r.id, r.number, false});
  }
  counted_->add(figure::found, found);
  counted_->add(figure::stored, trying_.size() - found);
  for (const auto& [to, of] : senders_)
    if (const auto at = all.find(to.id()); at != all.end()) {
      self_->send(to, std::move(at->second));
      all.erase(at);
    }
}

void persistence_state::answer_drains() {
  if (!backlog_.empty() || !trying_.empty() || shown_ < stored_)
    return;
  for (auto& promise : std::exchange(drains_, {}))
    promise.delegate(rooms_, drain_atom_v);
}

} // namespace hubbub
