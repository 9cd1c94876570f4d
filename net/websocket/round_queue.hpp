// The chunks that wait for the end of a round, in the order of each session.
// Knows: which chunk goes to which session. Must not know: what a session does with them.
#pragma once

#include "actors/session_sink.hpp"

#include <cstdint>
#include <vector>

namespace hubbub {

/// A chunk for many sessions is kept once, and each session has a list of the chunks that it is to
/// be sent. A place in a list takes 12 bytes, and no list allocates memory of its own.
///
/// Threads: may be used by one thread at a time.
class round_queue {
public:
  /// The chunks of one session, of which it has no more after `clear`.
  class list {
  public:
    bool empty() const { return first_ == none; }

  private:
    friend round_queue;
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    std::uint32_t first_ = none, last_ = none;
  };

  /// A chunk as the sessions see it.
  struct queued_chunk {
    chunk what;
    row_id shown = 0; ///< The id of the row before the chunk.
  };

  /// The number of places in all lists.
  std::size_t size() const { return places_.size(); }

  /// Keeps a chunk, which `push` adds to lists from now on.
  void add(const chunk& what, row_id shown) { chunks_.push_back({what, shown}); }

  /// Adds the chunk of the last `add`, which belongs to the subscription, to the end of the list.
  void push(list& to, subscription_ref of) {
    const auto place = std::uint32_t(places_.size());
    places_.push_back({std::uint32_t(chunks_.size() - 1), of, list::none});
    (to.empty() ? to.first_ : places_[to.last_].next) = place;
    to.last_ = place;
  }

  /// Calls `use(chunk, subscription)` for each chunk of the list, in order, as long as it returns
  /// true.
  template<class Use>
  void for_each(const list& from, Use use) const {
    for (auto at = from.first_; at != list::none; at = places_[at].next)
      if (const auto& place = places_[at]; !use(chunks_[place.number], place.of))
        return;
  }

  /// Removes all chunks. All lists must be empty, or must not be used again. Keeps as much memory
  /// as most rounds need.
  void clear() {
    clear(chunks_, most_kept / 16);
    clear(places_, most_kept);
  }

private:
  static constexpr std::size_t most_kept = 16'384;

  struct place {
    std::uint32_t number;
    subscription_ref of;
    std::uint32_t next; ///< In the same list.
  };

  template<class Vector>
  static void clear(Vector& what, std::size_t kept) {
    what.clear();
    if (what.capacity() > kept)
      Vector().swap(what);
  }

  std::vector<queued_chunk> chunks_;
  std::vector<place> places_;
};

} // namespace hubbub
