// How each server wants to be greeted and how it writes a message down.
// Knows: payloads. Must not know: frames, sockets, time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

/// What a server said. A reply, where there is one, goes back as it is.
struct heard {
  enum kind { message, ready, chatter, refusal } what;
  std::uint64_t sequence = 0;
  std::uint64_t id = 0; ///< 0 where the server gives none
  std::string_view reply = {};
};

class dialect {
public:
  virtual ~dialect() = default;

  /// The request target of the upgrade. Only hubbub has rooms here.
  virtual std::string target(std::size_t) const { return "/ws"; }

  /// Whether the server speaks before it takes messages.
  virtual bool greets() const { return false; }

  /// Takes the next thing said off the payload, before the server was ready. When it takes nothing,
  /// the rest of that thing comes in a later frame.
  virtual heard greet(std::string_view& payload) = 0;

  /// The same after that: the hot path, millions a second.
  virtual heard read(std::string_view& payload) = 0;

  /// The payload of a message whose text carries the sequence number and has 150 characters; every
  /// server makes deliveries of the same size of it.
  virtual std::string write(std::uint64_t sequence) const = 0;
};

/// "hub": hubbub. "plain": whatever sends back to all what one sent, unchanged.
/// "socket.io": its protocol 5 over Engine.IO 4. "nats": its client protocol, a stream in frames.
/// Throws on any other name.
std::unique_ptr<dialect> make_dialect(std::string_view name);

} // namespace bench
