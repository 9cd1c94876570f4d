// How stored rows are shown: sent to the broadcaster in the order of their ids, with the rows that
// other hubs have stored between them.
// Knows: which rows were shown and stored. Must not know: how a batch is stored, or retried.
#include "actors/persistence.hpp"

namespace hubbub {

namespace {

/// A fork skips at least 2^32 ids, counted from what the hub that made it has shown. This hub may
/// have shown a little more.
constexpr row_id least_jump = row_id{1} << 31;

} // namespace

/// Shows the rows of a commit. If other hubs stored rows between the last shown row and these,
/// those are read and shown first. If there are more of them than may be in flight, the rows of the
/// commit are read from the log later, in their turn.
void persistence_state::show(std::vector<draft> drafts, std::vector<draft_sender> senders,
                             appended result) {
  std::vector<ingress_budget::share> shares;
  shares.reserve(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i)
    shares.push_back({std::move(senders[i].quota), weight(drafts[i])});
  const auto credit = ingress_budget::credit(ingress_, std::move(shares));
  auto rows = std::make_shared<batch>();
  rows->credit = credit;
  rows->rows.reserve(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const auto& r = result.receipts[i];
    auto& d = drafts[i];
    if (r.result != append_result::stored)
      continue;
    if (!rows->rows.empty() && r.id != rows->rows.back().id + 1)
      return; // another program writes without the append lock, so the rows are read from the log
    if (!result.rows.empty()) {
      rows->rows.push_back(std::move(result.rows[i]));
      continue;
    }
    rows->rows.push_back({r.id, std::move(d.room), std::move(d.text), d.from->id, r.number,
                          result.created_at, std::move(d.key), d.by ? *d.by : author_profile(),
                          std::move(d.data)});
  }
  if (rows->rows.empty() || phase_ == phase::closed)
    return;
  const auto first = rows->rows.front().id;
  verify_jumps(rows->rows);
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
  if (shown_ < stored_) {
    log_->verify(); // it may have lost the rows
    throw std::runtime_error("rows up to id " + std::to_string(stored_) +
                             " were stored and cannot be found");
  }
  log_advanced_ = false;
  skip_to(skipped_to_);
}

/// Verifies the log if the ids of the rows, which come after the last shown one, may be those after
/// a fork that another hub has made. Then it throws log_forked, and nothing of them is shown.
void persistence_state::verify_jumps(std::span<const message> rows) {
  auto last = shown_;
  for (const auto& row : rows)
    if (row.id - std::exchange(last, row.id) >= least_jump) {
      log_->verify();
      return;
    }
}

/// All rows of the log are shown, and forks have skipped the ids up to `head`. Cursors up to there
/// are answered from now on.
void persistence_state::skip_to(row_id head) {
  if (shown_ >= head)
    return;
  shown_ = head;
  auto none = std::make_shared<batch>();
  none->head = head;
  self_->send(broadcaster_, batch_ptr(std::move(none)));
}

/// Reads and shows the rows after the last shown one, up to the id `last`. Returns false if there
/// may be more rows, which wait until a page in flight is with the sinks.
bool persistence_state::read_up_to(row_id last) {
  while (pages_in_flight_ < max_pages_in_flight) {
    auto rows = std::make_shared<batch>();
    rows->rows = log_->after(shown_, last, page_rows_);
    const bool all = rows->rows.size() < std::size_t(page_rows_);
    verify_jumps(rows->rows);
    if (!rows->rows.empty()) {
      shown_ = rows->rows.back().id;
      ++pages_in_flight_;
      // The credit ends when the last sink has handled the page. `this` is only a tag, never used.
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

} // namespace hubbub
