// The attaches that no hot tail can answer: with cursors under a tail, and with cursors above the
// head.
// Knows: cursors, and pages of history. Must not know: how tails are loaded, what is published,
// CAF.
#pragma once

#include "actors/attach.hpp"
#include "actors/hub_counters.hpp"
#include "actors/memory_budget.hpp"
#include "actors/page_request.hpp"
#include "actors/shown_log.hpp"

#include <deque>
#include <functional>
#include <map>

namespace hubbub {

/// Answers a cursor under the floor of a tail by a page of history, and keeps a cursor above the
/// head until the head has reached it. A client with such a cursor has used a hub that is ahead of
/// this one, or its cursor is wrong.
///
/// Threads: may be used by one thread at a time. Lifetime: what `port` refers to outlives the
/// queue.
class catch_up_queue {
public:
  /// What the queue needs of its owner.
  struct port {
    /// Requests a page of one room, the newest id, or a number of rows from history. Call back with
    /// null or nothing after a failure.
    std::function<void(page_request, std::function<void(const page&)>)> request_page;
    std::function<void(std::function<void(std::optional<row_id>)>)> request_newest;
    std::function<void(count_request, std::function<void(std::optional<std::int64_t>)>)>
        request_count;
    /// Returns the number of a room, or 0 if the room has no members.
    std::function<room_ref(const std::string& room)> find_room;
    std::function<void(attach)> attach_again; ///< Answers the attach now.
    std::function<void(attach)> attach_later; ///< Answers the attach after a while.
  };

  /// `delivery_bytes`: the approximate bound of one delivery to a session.
  catch_up_queue(const shown_log& log, std::size_t delivery_bytes,
                 std::shared_ptr<memory_budget> memory, std::shared_ptr<hub_counters> counters,
                 port owner)
      : log_(log), delivery_bytes_(delivery_bytes), memory_(std::move(memory)),
        counters_(std::move(counters)), owner_(std::move(owner)) {}
  catch_up_queue(const catch_up_queue&) = delete;

  /// Returns the bound on the bytes of one delivery: a sixteenth of the bytes that history still
  /// may take, at least 4096, but never more than `delivery_bytes`, or a sixteenth of
  /// `delivery_bytes` while memory is tight. Deliveries that readers do not read leave less for the
  /// next ones.
  std::size_t delivery_budget() const;

  /// Counts what a hot tail has answered, if the bytes are not shared with the tail, as pages of
  /// history are counted.
  void count_bytes(const attach& a, std::vector<shared_bytes>& bytes) const;

  /// Answers the attach, whose cursor is under the floor of the tail, by a page of history. At most
  /// eight pages are requested at once.
  void push(attach a);

  /// Adds the messages after `counted_to` of the attach's resume_limit, which has a number already,
  /// one attach at a time and behind all pages, because a count may read many rows. Then the attach
  /// is answered again.
  void count(attach a);

  /// Compares the cursor of the attach, which is above the head, with the newest id of the log. If
  /// the log has the cursor, it is answered when the head has reached it. If not, a first attach is
  /// answered as one without a cursor. The cursor of a later attach comes from this hub, so the log
  /// has lost its row: it waits for the fork.
  void verify(attach a);

  /// To be called when the head has advanced.
  void answer_reached();

  /// To be called when the log was replaced or has lost rows. Pages and newest ids in flight are
  /// ignored when they come. Their attaches, and those whose cursors wait for the head, are
  /// answered again.
  void start_over();

private:
  void request_history();
  void request_page(attach a);
  void request_count();
  void request_newest();
  shared_bytes counted(const shared_bytes& bytes) const;
  void deliver(const attach& a, row_id known, const std::vector<message>& rows);

  // Constant after construction.
  const shown_log& log_;
  const std::size_t delivery_bytes_;
  const std::shared_ptr<memory_budget> memory_;
  const std::shared_ptr<hub_counters> counters_;
  const port owner_;

  std::uint64_t starts_ = 0; ///< The calls of `start_over`, to know requests from before the last.

  // Cursors under the floor of a tail.
  std::deque<attach> queue_;         ///< Their page is not yet requested.
  std::size_t history_requests_ = 0; ///< Pages that are requested.
  std::deque<attach> counts_;        ///< Their count is not yet requested.
  bool counting_ = false;            ///< A count is requested.

  // Cursors above the head.
  std::vector<attach> unverified_; ///< To be compared with the newest id of the log.
  /// Attaches by cursor. The log has the row of the cursor, but this hub has not shown it yet.
  std::multimap<row_id, attach> waiting_for_head_;
  bool newest_requested_ = false; ///< A request for the newest id is in flight.
};

} // namespace hubbub
