// Clients that send messages to each other, and the check of every delivery.
// Knows: rates, windows, rooms and latencies. Must not know: frames, or what else is measured.
#pragma once

#include "delivery_checker.hpp"
#include "histogram.hpp"
#include "plan.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace bench {

/// A client in many rooms sends each message to a random one of them. Threads: one. Every function
/// throws a fault if a delivery is lost, repeated or out of order, or if none comes for ten
/// seconds.
class conversation {
public:
  /// Opens the connections, and subscribes them to their rooms. The plan and the protocol must
  /// outlive the conversation.
  conversation(const plan& p, protocol& protocol);

  client_pool& clients() { return clients_; }
  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return clients_.received_bytes() - bytes_before_; }

  /// The latency from the sender to the other receivers at the same server, in nanoseconds, and to
  /// those at other servers.
  const histogram& latency() const { return latency_; }
  const histogram& across() const { return across_; }

  /// Sets these figures to zero.
  void forget();

  /// Sends messages at the rate, or within the window, of the plan.
  void run_until(std::uint64_t end);

  /// Every sender sends one message.
  void send_once();

  /// Sends no more, and returns when every message has reached every receiver. Throws a fault if a
  /// message comes twice.
  void finish();

private:
  void turn(std::uint64_t t, std::uint64_t end, bool sending);
  void post(std::uint64_t t);
  void expect_all_delivered() const;
  void on_message(std::size_t client, const received& m, std::uint64_t at);

  const plan& plan_;
  protocol& protocol_;
  const bool many_rooms_; // Whether each client is in all rooms, or in one of them.
  std::vector<delivery_checker> checkers_; // One for each room.
  histogram latency_, across_;
  std::minstd_rand random_;
  std::size_t senders_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_before_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t limit_ = ~std::uint64_t{0};
  std::uint64_t progress_ = 0; // When a message last had all its deliveries, or the first was sent.
  std::uint64_t due_ = 0;
  client_pool clients_;
};

} // namespace bench
