// Checks every delivery: each receiver must get each message exactly once, all in the same order.
// Knows: sequence numbers and ids. Must not know: frames, sockets, or how long anything took.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// A promise that the server broke: a lost, repeated or misordered delivery, an error, or a closed
/// connection.
struct fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The receiver that is furthest ahead defines the order, and every other receiver must follow it.
/// So a loss, a repeat and a wrong order all show as a wrong message at a position, with one
/// comparison for each delivery. Threads: one.
class delivery_checker {
public:
  struct delivery {
    std::uint64_t sent_at;
    std::size_t sender;
    bool last; ///< Every receiver has the message now.
  };

  explicit delivery_checker(std::size_t receivers, std::size_t capacity = 1 << 16)
      : positions_(receivers), sent_messages_(capacity), order_(capacity) {}

  std::uint64_t sent() const { return sent_; }
  std::uint64_t in_flight() const { return sent_ - done_; }

  /// Registers a message that is about to be sent, and returns its sequence number: 0, 1, 2…
  /// Throws a fault when more messages are in flight than the capacity.
  std::uint64_t register_sent(std::size_t sender, std::uint64_t now) {
    if (in_flight() == sent_messages_.size())
      throw fault("the server fell behind by " + std::to_string(sent_ - done_) + " messages");
    message(sent_) = {now, sender, false};
    return sent_++;
  }

  /// Checks one delivery. Ids must grow from position to position; for a server without ids, `id`
  /// is always 0. Throws a fault that names the receiver and the position.
  delivery check(std::size_t receiver, std::uint64_t sequence, std::uint64_t id) {
    const auto position = positions_[receiver]++;
    auto& at = order_[position % order_.size()];
    if (position == ordered_)
      set(at, receiver, sequence, id);
    else if (at.sequence != sequence || at.id != id)
      blame(receiver, position,
            "got message " + std::to_string(sequence) + " where others got " +
                std::to_string(at.sequence));
    const bool last = ++at.receivers == positions_.size();
    done_ += last;
    const auto& b = message(sequence);
    return {b.sent_at, b.sender, last};
  }

  /// Throws a fault if a receiver has not got every message that was sent.
  void expect_all_delivered() const {
    for (std::size_t i = 0; i < positions_.size(); ++i)
      if (positions_[i] != sent_)
        blame(i, positions_[i], "still waits, " + std::to_string(sent_) + " were sent");
  }

private:
  struct sent_message {
    std::uint64_t sent_at;
    std::size_t sender;
    bool delivered;
  };

  struct position {
    std::uint64_t sequence;
    std::uint64_t id;
    std::size_t receivers; ///< How many receivers have passed the position.
  };

  void set(position& at, std::size_t receiver, std::uint64_t sequence, std::uint64_t id) {
    if (sequence >= sent_ || sequence + sent_messages_.size() < sent_)
      blame(receiver, ordered_, "got message " + std::to_string(sequence) + ", not in flight");
    if (std::exchange(message(sequence).delivered, true))
      blame(receiver, ordered_, "got message " + std::to_string(sequence) + " twice");
    if (id != 0 && id <= newest_id_)
      blame(receiver, ordered_,
            "got id " + std::to_string(id) + " after " + std::to_string(newest_id_));
    newest_id_ = id;
    at = {sequence, id, 0};
    ++ordered_;
  }

  sent_message& message(std::uint64_t sequence) {
    return sent_messages_[sequence % sent_messages_.size()];
  }

  [[noreturn]] static void blame(std::size_t receiver, std::uint64_t position,
                                 const std::string& what) {
    throw fault("receiver " + std::to_string(receiver) + ", position " + std::to_string(position) +
                ": " + what);
  }

  std::vector<std::uint64_t> positions_;
  std::vector<sent_message> sent_messages_;
  std::vector<position> order_;
  std::uint64_t sent_ = 0;
  std::uint64_t ordered_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t newest_id_ = 0;
};

} // namespace bench
