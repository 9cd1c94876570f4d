// The application protocols of the servers: how a connection begins, and how a message is encoded.
// Knows: payloads. Must not know: frames, sockets, time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// One thing that a server sent. A reply, where there is one, is sent back unchanged.
struct received {
  enum kind { message, ready, subscribed, other, refusal } what;
  std::uint64_t sequence = 0;
  std::uint64_t id = 0; ///< 0 for servers without ids.
  std::string_view reply = {};
  std::size_t room = 0; ///< The room of a message, if clients are in many rooms.
};

/// What subscribes an open connection to more rooms.
struct subscription_request {
  std::vector<std::string> payloads; ///< To be sent in one write.
  std::size_t answers = 0;           ///< How many events `subscribed` answer them.
};

class protocol {
public:
  virtual ~protocol() = default;

  /// The request target of the upgrade. Only hubbub has rooms in it.
  virtual std::string target(std::size_t) const { return "/ws"; }

  /// Whether the server sends something before it accepts messages.
  virtual bool greets() const { return false; }

  /// Consumes the next item from the payload, while the connection is not ready. If nothing is
  /// consumed, the item is incomplete and continues in a later frame.
  virtual received greet(std::string_view& payload) = 0;

  /// The same once the connection is ready. This is the hot path: millions of calls a second.
  virtual received read(std::string_view& payload) = 0;

  /// The payload of a message whose text has 150 characters and contains the sequence number. The
  /// deliveries of every server have the same size. The room matters only if clients are in many
  /// rooms.
  virtual std::string write(std::uint64_t sequence, std::size_t room) const = 0;

  /// Subscribes a connection that is in room 0 to the rooms 1 … count as well.
  virtual subscription_request subscribe(std::size_t count) const = 0;
};

/// "hub": hubbub. "plain": a server that sends each message unchanged to all.
/// "socket.io": its protocol 5 over Engine.IO 4. "nats": its client protocol, a byte stream in
/// frames. `many_rooms` says whether a client is in many rooms, so that messages name theirs.
/// Throws std::invalid_argument for any other name, and for a server without rooms.
std::unique_ptr<protocol> make_protocol(std::string_view name, bool many_rooms);

} // namespace bench
