// The judge of every delivery: each receiver gets each message exactly once, in the one order.
// Knows: sequence numbers and ids. Must not know: frames, sockets, or how long anything took.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// A promise that the server broke: a loss, a double, a disorder, an error or a closed line.
struct fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The receiver that is ahead sets the order, place by place; every other one must repeat it.
/// So a loss, a double and a disorder all show as a wrong message at a place, one compare each.
class witness {
public:
  struct sight {
    std::uint64_t sent_at;
    std::size_t sender;
    bool last; ///< now every receiver has it
  };

  explicit witness(std::size_t receivers, std::size_t capacity = 1 << 16)
      : positions_(receivers), bookings_(capacity), places_(capacity) {}

  std::uint64_t sent() const { return sent_; }
  std::uint64_t in_flight() const { return sent_ - done_; }

  /// Notes a message that is about to leave; gives its sequence number, 0, 1, 2…
  /// Throws when more are in flight than the capacity.
  std::uint64_t book(std::size_t sender, std::uint64_t now) {
    if (in_flight() == bookings_.size())
      throw fault("the server fell behind by " + std::to_string(sent_ - done_) + " messages");
    booking(sent_) = {now, sender, false};
    return sent_++;
  }

  /// Checks one delivery. Ids must grow from place to place; a server without ids gives 0 always.
  /// Throws a fault that names the receiver and the place.
  sight see(std::size_t receiver, std::uint64_t sequence, std::uint64_t id) {
    const auto position = positions_[receiver]++;
    auto& place = places_[position % places_.size()];
    if (position == placed_)
      set(place, receiver, sequence, id);
    else if (place.sequence != sequence || place.id != id)
      blame(receiver, position,
            "got message " + std::to_string(sequence) + " where others got " +
                std::to_string(place.sequence));
    const bool last = ++place.seen == positions_.size();
    done_ += last;
    const auto& b = booking(sequence);
    return {b.sent_at, b.sender, last};
  }

  /// Throws when a receiver lacks anything that was sent.
  void expect_all_seen() const {
    for (std::size_t i = 0; i < positions_.size(); ++i)
      if (positions_[i] != sent_)
        blame(i, positions_[i], "still waits, " + std::to_string(sent_) + " were sent");
  }

private:
  struct booked {
    std::uint64_t sent_at;
    std::size_t sender;
    bool seen;
  };

  struct place {
    std::uint64_t sequence;
    std::uint64_t id;
    std::size_t seen;
  };

  void set(place& place, std::size_t receiver, std::uint64_t sequence, std::uint64_t id) {
    if (sequence >= sent_ || sequence + bookings_.size() < sent_)
      blame(receiver, placed_, "got message " + std::to_string(sequence) + ", not in flight");
    if (std::exchange(booking(sequence).seen, true))
      blame(receiver, placed_, "got message " + std::to_string(sequence) + " twice");
    if (id != 0 && id <= newest_id_)
      blame(receiver, placed_,
            "got id " + std::to_string(id) + " after " + std::to_string(newest_id_));
    newest_id_ = id;
    place = {sequence, id, 0};
    ++placed_;
  }

  booked& booking(std::uint64_t sequence) { return bookings_[sequence % bookings_.size()]; }

  [[noreturn]] static void blame(std::size_t receiver, std::uint64_t position,
                                 const std::string& what) {
    throw fault("receiver " + std::to_string(receiver) + ", place " + std::to_string(position) +
                ": " + what);
  }

  std::vector<std::uint64_t> positions_;
  std::vector<booked> bookings_;
  std::vector<place> places_;
  std::uint64_t sent_ = 0;
  std::uint64_t placed_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t newest_id_ = 0;
};

} // namespace bench
