// Uses poll(2), non-blocking calls, and the frame codec of tests/support.
#include "tests/torture/ws_connection.hpp"

#include "tests/support/http.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/ws_frame.hpp"

#include <algorithm>
#include <poll.h>

namespace torture {

namespace {

/// The size and the last 300 bytes, with escapes as in a C string.
std::string quoted(std::string_view bytes) {
  std::string text = std::to_string(bytes.size()) + " bytes \"";
  constexpr auto digits = "0123456789abcdef";
  for (auto byte : bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 300)))
    if (byte >= ' ' && byte != '"' && byte != '\\')
      text += byte;
    else
      (((text += "\\x") += digits[static_cast<std::uint8_t>(byte) >> 4]) += digits[byte & 15]);
  return text + '"';
}

} // namespace

ws_connection::ws_connection(std::uint16_t port, const std::string& target, receive_window size,
                             test::deadline until)
    : socket_{test::new_socket()} {
  set_no_delay(socket_);
  if (size == receive_window::tiny)
    use_tiny_window(socket_);
  if (!test::connect_to(port, socket_))
    end_with(1006, "connect");
  test::wait_for(socket_.get(), POLLOUT, until, "a connection");
  out_ = test::encode(test::request{"GET",
                                    target,
                                    {{"Upgrade", "websocket"},
                                     {"Connection", "Upgrade"},
                                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                     {"Sec-WebSocket-Version", "13"}}},
                      port);
  while (in_.find("\r\n\r\n") == in_.npos) {
    if (until.passed())
      throw test::timeout{"timed out waiting for the answer to the upgrade"};
    pump(true, until);
    if (ended_)
      end_with(1006, "before the answer to the upgrade");
  }
  const auto answer = test::take_head(in_);
  if (answer.status == 503 && !answer.field("Retry-After").empty())
    end_with(1006, "refused by a hub that stops");
  if (answer.status != 101)
    throw std::runtime_error{"the upgrade was answered by " + std::to_string(answer.status)};
}

void ws_connection::send(const std::string& text) {
  out_ += test::encode(test::ws_frame{test::opcode::text, text});
}

void ws_connection::ping() {
  out_ += test::encode(test::ws_frame{test::opcode::ping, "ping"});
}

void ws_connection::close() {
  out_ += test::encode(test::ws_frame{test::opcode::close, {"\x03\xE8", 2}});
}

void ws_connection::pump(bool reading, test::deadline until) {
  flush();
  pollfd waited{socket_.get(), 0, 0};
  if (reading)
    waited.events |= POLLIN;
  if (!out_.empty())
    waited.events |= POLLOUT;
  if (ended_ || ::poll(&waited, 1, until.left()) <= 0)
    return;
  if (!reading && (waited.revents & (POLLERR | POLLHUP)) != 0)
    ended_ = true;
  flush();
  while (reading && fill() && in_.size() < (1 << 20)) {
  }
}

bool ws_connection::fill() {
  char chunk[65536];
  auto size = ::recv(socket_.get(), chunk, sizeof chunk, 0);
  if (size > 0) {
    in_.append(chunk, static_cast<std::size_t>(size));
    return static_cast<std::size_t>(size) == sizeof chunk;
  }
  if (size == 0 || (errno != EAGAIN && errno != EINTR))
    ended_ = true;
  return false;
}

void ws_connection::flush() {
  while (!out_.empty()) {
    auto sent = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR)
        out_.clear(); // the next read reports the end
      return;
    }
    out_.erase(0, static_cast<std::size_t>(sent));
  }
}

std::optional<std::string> ws_connection::next() {
  for (;;) {
    std::size_t size = 0;
    auto frame = test::decode(std::string_view{in_}.substr(taken_), size);
    if (!frame) {
      in_.erase(0, std::exchange(taken_, 0));
      if (ended_)
        end_with(1006);
      return {};
    }
    taken_ += size;
    auto& payload = frame->payload;
    if (frame->masked || frame->reserved != 0 || !frame->final)
      throw std::runtime_error{"a frame that no server may send: " +
                               quoted(std::string_view{in_}.substr(taken_ - size, 300)) +
                               " after " + quoted(std::string_view{in_}.substr(0, taken_ - size))};
    switch (frame->code) {
    case test::opcode::text:
      return std::move(payload);
    case test::opcode::ping:
      out_ += test::encode(test::ws_frame{test::opcode::pong, payload});
      break;
    case test::opcode::pong:
      break;
    case test::opcode::close: {
      auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(payload.at(i)); };
      auto code = payload.size() < 2 ? 1005 : byte(0) << 8 | byte(1);
      out_ += test::encode(test::ws_frame{test::opcode::close, payload.substr(0, 2)});
      flush();
      end_with(code, payload.size() < 2 ? "" : payload.substr(2));
    }
    default:
      throw std::runtime_error{"a frame of an unknown kind"};
    }
  }
}

void ws_connection::reset() {
  test::reset_at_end(socket_);
  socket_.close();
}

void ws_connection::end_with(int code, std::string reason) {
  throw connection_lost{code, std::move(reason)};
}

} // namespace torture
