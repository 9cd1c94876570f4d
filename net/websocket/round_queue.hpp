// The chunks that wait for the end of a round, in the order of each session.
// Knows: which chunk goes to which session. Must not know: what a session does with them.
#pragma once

#include "actors/session_sink.hpp"

#include <cstdint>
#include <vector>

namespace hubbub {

/// One chunk for many sessions is kept once, and each session has a list of the chunks that it is
/// to be sent. A place in a list takes 12 bytes, and no list allocates memory of its own.
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

  /// Keeps a chunk for `push`, and returns its number.
  std::uint32_t add(const chunk& what, row_id shown) {
    chunks_.push_back({what, shown});
    return std::uint32_t(chunks_.size() - 1);
  }

  /// Adds the chunk with that number, which belongs to the subscription, to the end of the list.
  void push(list& to, std::uint32_t number, subscription_ref of) {
    const auto place = std::uint32_t(places_.size());
    places_.push_back({number, of, list::none});
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

  /// Removes all chunks. All lists must be empty, or must not be used again. Keeps memory for as
  /// many places as most rounds have.
  void clear() {
    chunks_.clear();
    places_.clear();
    if (places_.capacity() > most_kept)
      std::vector<place>().swap(places_);
  }

private:
  static constexpr std::size_t most_kept = 16'384;

  struct place {
    std::uint32_t number;
    subscription_ref of;
    std::uint32_t next; ///< In the same list.
  };

  std::vector<queued_chunk> chunks_;
  std::vector<place> places_;
};

} // namespace hubbub
