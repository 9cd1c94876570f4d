// A small WebSocket client (RFC 6455). It checks strictly what it receives and sends anything.
// Knows that the hub's frames are JSON. Must not know more about them.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/ws_frame.hpp"

#include <deque>
#include <nlohmann/json.hpp>

namespace test {

/// How a connection ended. 1006 means without a close frame (RFC 6455 section 7.4.1).
struct close_info {
  std::uint16_t code = 1006;
  std::string reason = {};
  bool operator==(const close_info&) const = default;
};

/// The connection ended while the client waited for something else.
struct closed : std::runtime_error {
  explicit closed(close_info why);
  close_info how;
};

/// The server answered the handshake with a status other than 101.
struct refused : std::runtime_error {
  explicit refused(response what);
  response answer;
};

/// An open WebSocket. The client answers pings while it reads. It also reads while a send waits for
/// the server, so a test can send much before it reads.
class ws_client {
public:
  /// Performs the handshake. Throws `refused`.
  explicit ws_client(std::uint16_t port, const std::string& target = "/ws",
                     const headers& fields = {}, const connect_options& how = {},
                     deadline until = patience);

  // -- sending ----------------------------------------------------------------

  void send_text(const std::string& payload, deadline until = patience);
  void send_json(const nlohmann::json& value) { send_text(value.dump()); }
  void send_binary(const std::string& payload);
  void ping(const std::string& payload);
  void close(std::uint16_t code);

  /// Closes with 1000 and waits for the answer.
  void leave();
  void send_frame(const ws_frame& frame);

  /// Sends bytes without framing.
  void send_raw(std::string_view bytes, deadline until = patience);

  // -- receiving --------------------------------------------------------------

  /// The payload of the next text frame. Throws `timeout`, or `closed` if the connection has ended.
  std::string next_text(deadline until = patience);
  nlohmann::json next(deadline until = patience);

  /// The payload of the next pong. Text frames before it are kept.
  std::string next_pong(deadline until = patience);

  /// Waits for the end of the connection and discards all frames before it.
  close_info next_close(deadline until = patience);

  /// Whether a text frame or the end of the connection arrives within that time.
  bool has_next(deadline until);

  // -- permessage-deflate, if `fields` offered it -------------------------------

  /// The extension that the server accepted. Empty means none.
  const std::string& extension() const { return extension_; }

  /// The number of compressed text frames so far.
  std::size_t compressed() const { return compressed_; }

  /// Sets the window size in bits that must be enough to inflate each frame.
  void window_bits(int bits) { window_bits_ = bits; }

  // -- behaviour ----------------------------------------------------------------

  void answer_pings(bool yes) { answers_pings_ = yes; }

  /// From now on, a send that waits for the server does not read.
  void stop_reading() { reads_while_sending_ = false; }

  connection& transport() { return connection_; }

private:
  void read_frame(deadline until);
  void handle(ws_frame frame);
  bool next_frame(ws_frame& frame);

  connection connection_;
  std::string buffer_;
  std::size_t consumed_ = 0;
  std::deque<std::string> texts_;
  std::deque<std::string> pongs_;
  std::optional<close_info> end_;
  std::string extension_;
  std::size_t compressed_ = 0;
  int window_bits_ = 15;
  bool answers_pings_ = true;
  bool reads_while_sending_ = true;
};

} // namespace test
