// The application protocols of the servers: how a connection begins, and how a message is encoded.
// Knows: payloads. Must not know: frames, sockets, time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

/// One thing that a server sent. A reply, where there is one, is sent back unchanged.
struct received {
  enum kind { message, ready, other, refusal } what;
  std::uint64_t sequence = 0;
  std::uint64_t id = 0; ///< 0 for servers without ids.
  std::string_view reply = {};
};

class protocol {
public:
  virtual ~protocol() = default;

  /// The request target of the upgrade. Only hubbub has rooms here.
  virtual std::string target(std::size_t) const { return "/ws"; }

  /// Whether the server sends something before it accepts messages.
  virtual bool greets() const { return false; }

  /// Consumes the next item from the payload, while the connection is not ready. If nothing is
  /// consumed, the item is incomplete and continues in a later frame.
  virtual received greet(std::string_view& payload) = 0;

  /// The same once the connection is ready. This is the hot path: millions of calls a second.
  virtual received read(std::string_view& payload) = 0;

  /// The payload of a message whose text has 150 characters and contains the sequence number. The
  /// deliveries of every server have the same size.
  virtual std::string write(std::uint64_t sequence) const = 0;
};

/// "hub": hubbub. "plain": a server that sends each message unchanged to all.
/// "socket.io": its protocol 5 over Engine.IO 4. "nats": its client protocol, a byte stream in
/// frames. Throws std::invalid_argument for any other name.
std::unique_ptr<protocol> make_protocol(std::string_view name);

} // namespace bench
