// Many clients, WebSockets and event streams, on one thread: opens connections, reads all of them,
// and writes to any. Knows: sockets and frames. Must not know: why a message is sent, or whether it
// came in order.
#pragma once

#include "deflate.hpp"
#include "frames.hpp"
#include "protocol.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace bench {

/// Threads: one. A refusal, a closed connection or a failed handshake throws a fault.
class client_pool {
public:
  /// Called for each message that arrives at a client. `now` is CLOCK_MONOTONIC in nanoseconds,
  /// just after the read that brought the message.
  using sink = std::function<void(std::size_t client, const received& message, std::uint64_t now)>;

  struct target {
    std::vector<std::uint16_t> ports; ///< One for each server.
    std::size_t rooms = 1;            ///< Client i joins the room first_room + i modulo rooms.
    std::size_t first_room = 0;
    bool deflate = false; ///< Whether clients offer and require permessage-deflate.
    /// The clients from this one on read server-sent events, and cannot send.
    std::size_t first_event_stream = SIZE_MAX;

    /// The server of a client. The clients of each room are spread over all servers.
    std::size_t server(std::size_t client) const {
      return (client % rooms + client / rooms) % ports.size();
    }
  };

  client_pool(target where, protocol& protocol, sink on_message);
  ~client_pool();
  client_pool(const client_pool&) = delete;
  client_pool& operator=(const client_pool&) = delete;

  /// The bytes that have come from the servers so far, with frame headers.
  std::uint64_t received_bytes() const { return received_bytes_; }

  /// Opens that many clients, at most 128 at a time, and returns when all of them are ready. Throws
  /// a fault after 30 s.
  void open(std::size_t count);

  /// Subscribes all clients, which are in room 0, to the rooms 1 … count as well. Each client sends
  /// its requests in one write, at most 128 clients at a time. Returns when all are answered.
  /// Throws a fault after 60 s.
  void subscribe(std::size_t count);

  /// Queues a payload for a client. `flush` sends all queued payloads of a client in one write.
  void queue(std::size_t client, std::string_view payload);
  void flush();

  /// Waits for at most that long, then reads once from each client that one epoll_wait reports.
  void poll(int milliseconds);

  /// Reads and flushes until that time.
  void idle_until(std::uint64_t end);

private:
  enum class phase { connecting, upgrading, greeting, ready };

  struct client {
    int fd = -1;
    phase now_in = phase::connecting;
    bool queued = false;   // The client is in unflushed_.
    bool blocked = false;  // The client waits for EPOLLOUT.
    std::string rest;      // The bytes of an incomplete frame.
    std::string fragments; // The payload of an incomplete message.
    bool deflated = false; // Whether the fragments are compressed.
    std::string out;
    std::size_t unanswered = 0; // The requests for subscriptions that have no answer yet.
  };

  void connect();
  void read(std::size_t i);
  void write(std::size_t i);
  void watch(std::size_t i, bool writable);
  std::size_t upgrade(std::size_t i, std::string_view answer);
  std::size_t take_frames(std::size_t i, std::size_t used, std::size_t have);
  std::size_t take_events(std::size_t i, std::string_view bytes);
  bool reads_events(std::size_t i) const { return i >= target_.first_event_stream; }
  void on_frame(std::size_t i, const frame& f);
  void on_payload(std::size_t i, std::string_view payload);
  void send(std::size_t i, opcode code, std::string_view payload);

  target target_;
  protocol& protocol_;
  inflater inflater_;
  sink on_message_;
  int epoll_;
  std::size_t ready_ = 0;
  std::size_t subscribed_ = 0; // The clients whose requests are all answered.
  std::uint64_t now_ = 0;
  std::uint64_t received_bytes_ = 0;
  std::vector<client> clients_;
  std::vector<std::size_t> unflushed_;
  std::vector<char> buffer_ = std::vector<char>(1 << 18);
  std::minstd_rand random_;
};

} // namespace bench
