#include "payload.hpp"

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

/// A protocol with one item in each frame.
class plain : public protocol {
public:
  explicit plain(bool many_rooms) : many_rooms_(many_rooms) {}

  received greet(std::string_view& payload) final { return hello(std::exchange(payload, {})); }
  received read(std::string_view& payload) final { return word(std::exchange(payload, {})); }

  std::string write(std::uint64_t sequence, std::size_t room) const override {
    return event(sequence, room);
  }

  subscription_request subscribe(std::size_t count) const override {
    subscription_request request{{}, count};
    for (std::size_t room = 1; room <= count; ++room)
      request.payloads.push_back(subscribe_mark + std::to_string(room) + "\"}");
    return request;
  }

protected:
  virtual received hello(std::string_view) { return {received::ready}; }

  virtual received word(std::string_view payload) {
    if (many_rooms_ && payload.starts_with(subscribe_mark))
      return {received::subscribed};
    return message(payload);
  }

  /// Reads the sequence number, and the room if it matters.
  received message(std::string_view payload) {
    auto result = sequence_.read(payload);
    if (!many_rooms_ || result.what != received::message)
      return result;
    const auto at = room_.behind(payload);
    if (at == payload.npos)
      return {received::refusal};
    result.room = number(payload, at);
    return result;
  }

  const bool many_rooms_;

private:
  sequence_finder sequence_;
  landmark room_{R"("room":")"};
};

class hub : public plain {
public:
  using plain::plain;

  bool greets() const override { return true; }

  std::string target(std::size_t room) const override { return "/ws?room=" + std::to_string(room); }

  std::string write(std::uint64_t sequence, std::size_t room) const override {
    return R"({"type":"message",)" +
           (many_rooms_ ? R"("room":")" + std::to_string(room) + "\"," : "") + R"("text":")" +
           text(sequence) + "\"}";
  }

private:
  received hello(std::string_view payload) override {
    const bool init = payload.find(R"("type":"init")") != payload.npos;
    return {init ? received::ready : received::refusal};
  }

  received word(std::string_view payload) override {
    const auto kind = type_.behind(payload);
    const auto letter = kind < payload.size() ? payload[kind] : '\0';
    if (letter != 'm')
      return {letter == 'e'   ? received::refusal
              : letter == 's' ? received::subscribed
                              : received::other};
    auto result = message(payload);
    result.id = number(payload, id_.behind(payload));
    if (result.what != received::message || result.id == 0)
      return {received::refusal};
    return result;
  }

  landmark type_{R"("type":")"};
  landmark id_{R"("id":)"};
};

class socket_io : public plain {
public:
  socket_io() : plain(false) {}

  std::string target(std::size_t) const override { return "/socket.io/?EIO=4&transport=websocket"; }
  bool greets() const override { return true; }

  std::string write(std::uint64_t sequence, std::size_t room) const override {
    return R"(42["message",)" + event(sequence, room) + "]";
  }

private:
  received hello(std::string_view payload) override {
    if (payload.starts_with("40"))
      return {received::ready};
    return {received::other, 0, 0, payload.starts_with('0') ? "40" : ""};
  }

  received word(std::string_view payload) override {
    if (payload == "2")
      return {received::other, 0, 0, "3"};
    return plain::word(payload);
  }
};

/// A stream of lines, in which a MSG line is followed by its text. A frame may end anywhere. The
/// subject of a room is its number.
class nats : public protocol {
public:
  std::string target(std::size_t) const override { return "/"; }
  bool greets() const override { return true; }

  received greet(std::string_view& payload) override {
    const auto line = take_line(payload);
    if (line.starts_with("PONG"))
      return {received::ready};
    if (line.starts_with("INFO"))
      return {received::other, 0, 0, "CONNECT {\"verbose\":false}\r\nSUB 0 0\r\nPING\r\n"};
    return {line.starts_with("-ERR") ? received::refusal : received::other};
  }

  received read(std::string_view& payload) override {
    auto rest = payload;
    const auto line = take_line(rest);
    if (!line.starts_with("MSG")) {
      payload = rest;
      if (line.starts_with("PONG"))
        return {received::subscribed};
      const bool ping = line.starts_with("PING");
      return {line.starts_with("-ERR") ? received::refusal : received::other, 0, 0,
              ping ? "PONG\r\n" : ""};
    }
    const auto size = number(line, line.rfind(' ') + 1) + 2;
    if (rest.size() < size)
      return {received::other};
    payload = rest.substr(size);
    auto result = sequence_.read(rest.substr(0, size));
    result.room = number(line, std::string_view("MSG ").size());
    return result;
  }

  std::string write(std::uint64_t sequence, std::size_t room) const override {
    const auto payload = event(sequence, room);
    return "PUB " + std::to_string(room) + " " + std::to_string(payload.size()) + "\r\n" + payload +
           "\r\n";
  }

  /// The answer to PING says that the server has taken everything before it.
  subscription_request subscribe(std::size_t count) const override {
    std::string lines;
    for (std::size_t room = 1; room <= count; ++room)
      lines += "SUB " + std::to_string(room) + " " + std::to_string(room) + "\r\n";
    return {{lines + "PING\r\n"}, 1};
  }

private:
  static std::string_view take_line(std::string_view& payload) {
    const auto end = payload.find("\r\n");
    if (end == payload.npos)
      return {};
    const auto line = payload.substr(0, end);
    payload.remove_prefix(end + 2);
    return line;
  }

  sequence_finder sequence_;
};

} // namespace

std::unique_ptr<protocol> make_protocol(std::string_view name, bool many_rooms) {
  if (name == "hub")
    return std::make_unique<hub>(many_rooms);
  if (name == "plain")
    return std::make_unique<plain>(many_rooms);
  if (name == "nats")
    return std::make_unique<nats>();
  if (name == "socket.io" && !many_rooms)
    return std::make_unique<socket_io>();
  throw std::invalid_argument("no protocol " + std::string(name) +
                              (many_rooms ? " with many rooms" : ""));
}

} // namespace bench
