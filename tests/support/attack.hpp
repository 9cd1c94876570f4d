// A flood from one client address: many connections that repeat one request as fast as they can.
// Knows sockets and bytes. Must not know what the bytes mean: the test chooses them.
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

/// What each connection of an attack does. Connections are counted from 0 in the order of opening.
struct attack_plan {
  std::string from = "127.0.0.1"; ///< The client address.
  std::size_t connections = 1;    ///< The number of connections that are open at the same time.
  std::size_t handshakes = 128;   ///< How many of these may wait for their first answer.

  /// Returns the bytes that the nth connection sends first.
  std::function<std::string(std::size_t)> request;

  /// The bytes that each connection repeats after its first answer. Empty means none.
  std::string repeated = {};

  bool reads = true;                 ///< Reads and discards what the server sends.
  bool reconnects = false;           ///< Opens a new connection for each one that ends.
  bool resets_when_answered = false; ///< Resets a connection after its first answer.
};

/// Runs the plan on its own thread from construction to destruction. Every connection of the plan
/// is opened before one is opened again. *Threads*: any thread may call the counters; the rest
/// belongs to the thread of the attack.
class attack {
public:
  attack(std::uint16_t port, attack_plan plan);
  ~attack();
  attack(const attack&) = delete;

  std::size_t opened() const { return opened_; }         ///< All connections so far.
  std::size_t answered() const { return answered_; }     ///< Connections with an answer.
  std::size_t upgraded() const { return upgraded_; }     ///< Connections that were answered 101.
  std::size_t open_now() const { return open_now_; }     ///< Connections that are open now.
  std::size_t ended() const { return ended_; }           ///< Connections that the server ended.
  std::size_t unanswered() const { return unanswered_; } ///< Of these, those without an answer.
  std::uint64_t sent() const { return sent_; }           ///< Bytes sent.

private:
  struct client {
    descriptor socket;
    std::string request;
    std::size_t at = 0; ///< The offset of the next byte, in `request` or in `repeated`.
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

/// Returns a WebSocket upgrade request. `more_fields` are whole header lines.
std::string upgrade_request(const std::string& target, const std::string& more_fields = "");

} // namespace test
