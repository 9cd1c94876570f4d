// One address that means harm: many connections that do one thing as fast as they can. Knows
// sockets and bytes; what they say is the test's to choose.
#pragma once

#include "tests/support/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace test {

/// What each connection of an attack does.
struct attack_plan {
  std::string from = "127.0.0.1";
  std::size_t connections = 1; ///< At once.

  /// What the nth connection ever says first.
  std::function<std::string(std::size_t)> request;

  /// What it says from the first answer on, over and over; empty: nothing.
  std::string repeated = {};

  bool reads = true;                 ///< What it is told, and throws it away.
  bool reconnects = false;           ///< Who is cut comes back at once.
  bool resets_when_answered = false; ///< Resets the connection when it has its first answer.
};

/// On a thread of its own, from its making to its end. At most some hundred openings are under way
/// at once.
class attack {
public:
  attack(std::uint16_t port, attack_plan plan);
  ~attack();
  attack(const attack&) = delete;

  std::size_t opened() const { return opened_; }         ///< Connections, ever.
  std::size_t answered() const { return answered_; }     ///< Those that were told anything.
  std::size_t upgraded() const { return upgraded_; }     ///< Those whose answer was 101.
  std::size_t open_now() const { return open_now_; }     ///< Those that are there now.
  std::size_t ended() const { return ended_; }           ///< Those that the other side ended.
  std::size_t unanswered() const { return unanswered_; } ///< Of those the ones without an answer.
  std::uint64_t sent() const { return sent_; }           ///< Bytes.

private:
  struct client {
    descriptor socket;
    std::string request;
    std::size_t at = 0; ///< Of the opening, or of `again`.
    bool answered = false, writes = false;
  };

  void run();
  bool open(std::size_t index);
  void on_events(std::size_t index, std::uint32_t events);
  bool read(client& from);
  bool write(client& to);
  void watch(std::size_t index, bool writes);
  void drop(std::size_t index);

  const std::uint16_t port_;
  const attack_plan plan_;
  descriptor poll_;
  std::vector<client> clients_;
  std::deque<std::size_t> to_open_;
  std::size_t handshakes_ = 0;
  std::atomic<std::size_t> opened_ = 0, answered_ = 0, upgraded_ = 0, open_now_ = 0, ended_ = 0,
                           unanswered_ = 0;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

/// The request of an upgrade.
std::string upgrade_request(const std::string& target, const std::string& more_fields = "");

} // namespace test
