// A small WebSocket client (RFC 6455) over a plain socket, strict about what it receives and free
// in what it sends. Knows nothing of the hub's own frames beyond that they are JSON.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/ws_frame.hpp"

#include <deque>
#include <nlohmann/json.hpp>

namespace test {

/// How a connection ended: 1006 stands for "without a close frame" (RFC 6455 section 7.4.1).
struct close_info {
  std::uint16_t code = 1006;
  std::string reason = {};
  bool operator==(const close_info&) const = default;
};

/// The connection ended while something else was waited for.
struct closed : std::runtime_error {
  explicit closed(close_info why);
  close_info how;
};

/// The server answered the handshake with something other than 101.
struct refused : std::runtime_error {
  explicit refused(response what);
  response answer;
};

/// An open WebSocket. Pings are answered while it reads, and it reads also while a send waits for
/// the server, so that a test can send much before it listens.
class ws_client {
public:
  /// Shakes hands; throws `refused`.
  explicit ws_client(std::uint16_t port, const std::string& target = "/ws",
                     const headers& fields = {}, const connect_options& how = {},
                     deadline until = patience);

  // -- sending ----------------------------------------------------------------

  void send_text(const std::string& payload, deadline until = patience);
  void send_json(const nlohmann::json& value) { send_text(value.dump()); }
  void send_binary(const std::string& payload);
  void ping(const std::string& payload);
  void close(std::uint16_t code);

  /// The whole farewell: a close with 1000 and its answer.
  void leave();
  void send_frame(const ws_frame& frame);

  /// Bytes past all framing.
  void send_raw(std::string_view bytes, deadline until = patience);

  // -- receiving --------------------------------------------------------------

  /// The payload of the next text frame. Throws `timeout`, and `closed` at the end.
  std::string next_text(deadline until = patience);
  nlohmann::json next(deadline until = patience);

  /// The payload of the next pong; text frames on the way to it are kept.
  std::string next_pong(deadline until = patience);

  /// How the connection ends; what comes before that is dropped.
  close_info next_close(deadline until = patience);

  /// Whether a text frame, or the end, is there within that time.
  bool has_next(deadline until);

  // -- permessage-deflate, where `fields` offered it ---------------------------

  /// What the server agreed to; empty for nothing.
  const std::string& extension() const { return extension_; }

  /// Text frames that came compressed.
  std::size_t compressed() const { return compressed_; }

  /// The window that compressed frames have to do with.
  void window_bits(int bits) { window_bits_ = bits; }

  // -- manners ----------------------------------------------------------------

  void answer_pings(bool yes) { answers_pings_ = yes; }

  /// From now on a send that waits does not read meanwhile.
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
