// A WebSocket that never blocks and can be treated badly: read late or never, cut in the middle of
// a frame, reset. Knows RFC 6455 and nothing of the hub's frames.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace torture {

/// The connection ended: with the code of its close frame, or with 1006 without one.
struct line_lost {
  int code;
  std::string reason;
};

/// Someone of that kind fills the server's socket after some ten kilobytes instead of megabytes.
enum class buffers { normal, tiny };

class line {
public:
  /// Connects and shakes hands. Throws `line_lost` if nobody is there, `test::timeout`, and
  /// `std::runtime_error` with an answer other than 101.
  line(std::uint16_t port, const std::string& target, buffers size, test::deadline until);

  void send(const std::string& text);
  void ping();
  void close();

  /// Bytes that the server has not taken yet.
  std::size_t unsent() const { return out_.size(); }

  /// Sends what goes out, and if `reading` takes what is there; waits for either until the
  /// deadline.
  void pump(bool reading, test::deadline until);

  /// The next text that was read. Throws `line_lost` behind the last one.
  std::optional<std::string> next();

  void reset();

private:
  bool fill();
  void flush();
  [[noreturn]] void lose(int code, std::string reason = {});

  test::descriptor socket_;
  std::string in_, out_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

} // namespace torture
