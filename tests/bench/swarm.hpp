// Many WebSocket clients on one thread: opens them, reads all, writes for any.
// Knows: sockets and frames. Must not know: why a message is sent, or whether it came in order.
#pragma once

#include "deflate.hpp"
#include "dialect.hpp"
#include "frames.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace bench {

/// One thread only. Any refusal, closed line or broken handshake throws a fault.
class swarm {
public:
  /// A message arrived at a client; `now` is CLOCK_MONOTONIC just after the read that brought it.
  using sink = std::function<void(std::size_t client, const heard& message, std::uint64_t now)>;

  struct place {
    std::vector<std::uint16_t> ports; ///< one a server
    std::size_t rooms = 1; ///< client i goes to room i modulo this, counted from the next:
    std::size_t first_room = 0;
    bool deflate = false; ///< offers permessage-deflate, insists on it, and inflates

    /// The clients of a room are dealt out to all servers, and so are the rooms of one client.
    std::size_t server(std::size_t client) const {
      return (client % rooms + client / rooms) % ports.size();
    }
  };

  swarm(place where, dialect& language, sink on_message);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  /// Bytes that came from the server so far, frame headers and all.
  std::uint64_t received() const { return received_; }

  /// Opens that many clients, some at a time; returns when the server was ready for each.
  void open(std::size_t count);

  /// Queues a payload; it leaves at the next flush, in one write with its neighbours.
  void post(std::size_t client, std::string_view payload);
  void flush();

  /// Waits at most that long, then reads each ready client of one epoll round once.
  void turn(int milliseconds);

private:
  enum class stage { connecting, upgrading, greeting, ready };

  struct client {
    int fd = -1;
    stage at = stage::connecting;
    bool queued = false;   // is in unflushed_
    bool blocked = false;  // waits for EPOLLOUT
    std::string rest;      // bytes of a frame that is not complete
    std::string fragments; // payload of a message that is not complete
    bool deflated = false; // are those
    std::string out;
  };

  void connect();
  void read(std::size_t i);
  void write(std::size_t i);
  void watch(std::size_t i, bool writable);
  std::size_t upgrade(std::size_t i, std::string_view answer);
  void on_frame(std::size_t i, const frame& f);
  void on_payload(std::size_t i, std::string_view payload);
  void send(std::size_t i, opcode code, std::string_view payload);

  place place_;
  dialect& dialect_;
  inflater inflater_;
  sink on_message_;
  int epoll_;
  std::size_t ready_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t received_ = 0;
  std::vector<client> clients_;
  std::vector<std::size_t> unflushed_;
  std::vector<char> buffer_ = std::vector<char>(1 << 18);
  std::minstd_rand random_;
};

} // namespace bench
