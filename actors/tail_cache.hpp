// The hot tails of rooms: a cache of the newest messages of the log.
// Knows: which rooms need their first page, and how much memory the tails may take. Must not know:
// cursors, the live fan-out, CAF.
#pragma once

#include "actors/attach.hpp"
#include "actors/page_request.hpp"
#include "actors/shown_log.hpp"
#include "actors/tail.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <optional>

namespace hubbub {

/// The part of a room that the tail cache uses. Its destructor removes it from the cache. Lifetime:
/// is destroyed before the memory budget of the cache, in which its tail counts.
struct room_tail
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  enum class phase {
    empty,   ///< There is no tail, and nobody waits for one.
    queued,  ///< The first page is to be requested.
    loading, ///< The first page is requested.
    loaded,  ///< `hot` is there.
  };

  phase now = phase::empty;
  std::optional<tail> hot;       ///< Exactly while the phase is `loaded`.
  bool used_since_sweep = false; ///< The tail answered an attach since the last sweep.
  std::vector<encoded> published_while_loading; ///< Published while the first page was being read.
  std::vector<attach> waiting;                  ///< Wait for the tail.
  shared_bytes init_tail;                       ///< The end of an `init` that resumes nothing.
};

/// Keeps all tails together within an eighth of the memory limit, however fast rooms open.
/// Threads: may be used by one thread at a time. Lifetime: outlives every room_tail that it was
/// given; what `port` refers to outlives the cache.
class tail_cache {
public:
  /// What the cache needs of its owner.
  struct port {
    /// Requests first pages from history. Calls back with null after a failure. The rooms that got
    /// no page are requested again.
    std::function<void(rooms_request, std::function<void(const first_pages&)>)> request;
    std::function<void()> load_later; ///< Calls `load` after a while.
    /// The tail of a room is loaded, and these attaches have waited for it.
    std::function<void(const std::string& room, std::vector<attach> waiting)> loaded;
  };

  struct sizes {
    std::size_t tail_bytes;  ///< The budget of one tail.
    std::size_t chunk_bytes; ///< The approximate size of the chunks of a first page.
  };

  tail_cache(const shown_log& log, sizes most, std::shared_ptr<memory_budget> memory, port owner)
      : log_(log), sizes_(most), memory_(std::move(memory)), owner_(std::move(owner)) {}
  tail_cache(const tail_cache&) = delete;

  /// Keeps the attach until the tail of its room is loaded. `of` must not be loaded.
  void wait(room_tail& of, attach a);

  /// Adds what was published in the room after everything that was appended before.
  void append(room_tail& of, encoded piece);

  /// Requests the first pages of queued rooms. At most one request is in flight; the rooms that
  /// open meanwhile share the next one. Does nothing until the log has a name.
  void load();

  /// Drops the tails that were not used since the last sweep, and shrinks the others. The next
  /// attach to a room without a tail loads it again.
  void shed();

  /// Drops all tails. A page in flight is ignored when it comes, and the rooms that wait for one
  /// are loaded by the next call of `load`.
  void drop_all();

private:
  using room_list = boost::intrusive::list<room_tail, boost::intrusive::constant_time_size<false>>;

  std::size_t tail_budget() const;
  void move(room_tail& of, room_tail::phase to);
  void drop(room_tail& of);
  void drop_over_budget(room_tail& one);
  void pages_arrived(const std::vector<std::string>& rooms, const first_pages& pages);
  void fill(room_tail& of, const std::string& name, const log_page& page);

  // Constant after construction.
  const shown_log& log_;
  const sizes sizes_;
  const std::shared_ptr<memory_budget> memory_;
  const port owner_;

  // One list for each phase but `empty`. A loading room has an attach that waits.
  room_list queued_, loading_, loaded_;
  bool requested_ = false;                           ///< A request for first pages is in flight.
  std::chrono::steady_clock::time_point swept_at_{}; ///< When all tails were last swept.
};

} // namespace hubbub
