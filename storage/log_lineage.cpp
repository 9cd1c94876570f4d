#include "storage/log_lineage.hpp"

#include <utility>

namespace hubbub {

log_unavailable old_primary_error(const server_timeline& server) {
  return log_unavailable("the server has the timeline " + server.timeline +
                         ", and another server was promoted since: it is an old primary (if it is "
                         "the right server, restart the hub)");
}

log_state log_lineage::state() const {
  const mutex_lock lock(mutex_);
  return state_;
}

seen_row log_lineage::newest_seen() const {
  const mutex_lock lock(mutex_);
  return state_.newest;
}

row_id log_lineage::skipped() const {
  const mutex_lock lock(mutex_);
  return state_.forks.empty() ? 0 : state_.forks.back().first - 1;
}

void log_lineage::call_all_but(const void* by) {
  for (const auto& [who, on_change] : callbacks_)
    if (who != by)
      on_change();
}

std::uint64_t log_lineage::update(log_state now, const void* by) {
  const mutex_lock lock(mutex_);
  const bool changed = now.identity != state_.identity || now.fork_record != state_.fork_record ||
                       now.server != state_.server;
  // Another session may have seen a newer row of the same branch since `open` has looked.
  if (!changed && state_.newest.id > now.newest.id)
    now.newest = state_.newest;
  const bool was_open = !std::exchange(state_, std::move(now)).identity.empty();
  if (changed)
    ++generation_;
  if (changed && was_open)
    call_all_but(by);
  return generation_;
}

void log_lineage::saw(std::uint64_t generation, const seen_row& row) {
  const mutex_lock lock(mutex_);
  if (generation == generation_ && row.id > state_.newest.id)
    state_.newest = row;
}

bool log_lineage::is_old_primary(const server_timeline& server, const void* by) {
  if (!server.known())
    return false;
  const mutex_lock lock(mutex_);
  auto& greatest = timelines_[server.system];
  if (server.timeline < greatest)
    return true;
  if (greatest.empty() || server.timeline == greatest) {
    greatest = server.timeline;
    return false;
  }
  greatest = server.timeline;
  ++generation_;
  call_all_but(by);
  return false;
}

void log_lineage::add(const void* who, std::function<void()> on_change) {
  const mutex_lock lock(mutex_);
  callbacks_[who] = std::move(on_change);
}

void log_lineage::remove(const void* who) {
  const mutex_lock lock(mutex_);
  callbacks_.erase(who);
}

} // namespace hubbub
