// The client side of RFC 6455: the handshake of section 4.1, the parsing of frames, and the rules
// of section 5 that a server must keep.
#include "tests/support/ws_client.hpp"

#include "tests/support/deflate.hpp"

#include <algorithm>
#include <poll.h>
#include <sys/socket.h>

namespace test {

namespace {

// The example of RFC 6455 section 1.3. With a fixed key the expected answer needs no SHA-1.
constexpr auto handshake_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr auto handshake_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

[[noreturn]] void broken(const std::string& rule) {
  throw std::runtime_error{"the server broke RFC 6455: " + rule};
}

} // namespace

closed::closed(close_info why)
    : runtime_error{"closed with " + std::to_string(why.code) + " \"" + why.reason + '"'},
      how{std::move(why)} {}

refused::refused(response what)
    : runtime_error{"the handshake was answered by " + std::to_string(what.status) + ' ' +
                    what.body},
      answer{std::move(what)} {}

ws_client::ws_client(std::uint16_t port, const std::string& target, const headers& fields,
                     const connect_options& how, deadline until)
    : connection_{port, how, until} {
  headers all{{"Upgrade", "websocket"},
              {"Connection", "Upgrade"},
              {"Sec-WebSocket-Key", handshake_key},
              {"Sec-WebSocket-Version", "13"}};
  all.insert(all.end(), fields.begin(), fields.end());
  connection_.send(encode(request{"GET", target, all}, port), until);
  auto answer = receive(connection_, buffer_, until);
  if (answer.status != 101)
    throw refused{answer};
  if (answer.field("Sec-WebSocket-Accept") != handshake_accept)
    broken("a wrong Sec-WebSocket-Accept (section 4.2.2)");
  extension_ = answer.field("Sec-WebSocket-Extensions");
  const bool offered = std::any_of(fields.begin(), fields.end(), [](const auto& field) {
    return field.first == "Sec-WebSocket-Extensions";
  });
  if (!extension_.empty() && !offered)
    broken("an extension that was not offered (section 4.2.2)");
}

void ws_client::send_text(const std::string& payload, deadline until) {
  send_raw(encode(ws_frame{opcode::text, payload}), until);
}

void ws_client::send_binary(const std::string& payload) {
  send_frame({opcode::binary, payload});
}

void ws_client::ping(const std::string& payload) {
  send_frame({opcode::ping, payload});
}

void ws_client::close(std::uint16_t code) {
  send_frame({opcode::close, {static_cast<char>(code >> 8), static_cast<char>(code)}});
}

void ws_client::leave() {
  close(1000);
  next_close();
}

void ws_client::send_frame(const ws_frame& frame) {
  send_raw(encode(frame));
}

void ws_client::send_raw(std::string_view bytes, deadline until) {
  while (!bytes.empty()) {
    short events = 0;
    const auto sent = connection_.send_some(bytes, events);
    if (sent == 0u)
      return; // the next read reports the end
    if (sent) {
      bytes.remove_prefix(*sent);
      continue;
    }
    if (reads_while_sending_)
      events |= POLLIN;
    auto ready = wait_for(connection_.native(), events, until, "the server to read");
    if ((ready & POLLIN) != 0 && reads_while_sending_ && !connection_.read_some(buffer_, until))
      return;
  }
}

std::string ws_client::next_text(deadline until) {
  while (texts_.empty())
    read_frame(until);
  auto text = std::move(texts_.front());
  texts_.pop_front();
  return text;
}

nlohmann::json ws_client::next(deadline until) {
  return nlohmann::json::parse(next_text(until));
}

std::string ws_client::next_pong(deadline until) {
  while (pongs_.empty())
    read_frame(until);
  auto payload = std::move(pongs_.front());
  pongs_.pop_front();
  return payload;
}

close_info ws_client::next_close(deadline until) {
  texts_.clear();
  try {
    for (;;) {
      read_frame(until);
      texts_.clear();
    }
  } catch (const closed& end) {
    return end.how;
  }
}

bool ws_client::has_next(deadline until) {
  try {
    while (texts_.empty())
      read_frame(until);
    return true;
  } catch (const timeout&) {
    return false;
  } catch (const closed&) {
    return true;
  }
}

void ws_client::read_frame(deadline until) {
  ws_frame frame;
  if (end_)
    throw closed{*end_};
  while (!next_frame(frame))
    if (!connection_.read_some(buffer_, until)) {
      end_ = close_info{};
      throw closed{*end_};
    }
  handle(std::move(frame));
}

bool ws_client::next_frame(ws_frame& frame) {
  std::size_t size = 0;
  auto whole = decode(std::string_view{buffer_}.substr(consumed_), size);
  if (whole) {
    frame = std::move(*whole);
    consumed_ += size;
  }
  // An erase after every frame would move a long backlog each time.
  if (consumed_ > buffer_.size() / 2) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  return whole.has_value();
}

void ws_client::handle(ws_frame frame) {
  if (frame.masked)
    broken("a masked frame (section 5.1)");
  if (frame.reserved == 4 && frame.code == opcode::text && !extension_.empty()) {
    frame.payload = inflated(frame.payload, window_bits_);
    ++compressed_;
  } else if (frame.reserved != 0)
    broken("a reserved bit (section 5.2)");
  if (!frame.final)
    throw std::runtime_error{"the server sent a message in parts, which this client cannot read"};
  switch (frame.code) {
  case opcode::text:
    texts_.push_back(std::move(frame.payload));
    return;
  case opcode::pong:
    pongs_.push_back(std::move(frame.payload));
    return;
  case opcode::ping:
    if (answers_pings_)
      send_frame({opcode::pong, frame.payload});
    return;
  case opcode::close:
    if (frame.payload.size() < 2) {
      end_ = close_info{1005};
    } else {
      auto high = static_cast<std::uint8_t>(frame.payload[0]);
      auto low = static_cast<std::uint8_t>(frame.payload[1]);
      end_ = close_info{static_cast<std::uint16_t>(high << 8 | low), frame.payload.substr(2)};
    }
    send_frame({opcode::close, frame.payload.substr(0, 2)});
    connection_.finish();
    throw closed{*end_};
  default:
    broken("the opcode " + std::to_string(static_cast<int>(frame.code)));
  }
}

} // namespace test
