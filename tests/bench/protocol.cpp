#include "payload.hpp"

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

/// A protocol with one item in each frame.
class plain : public protocol {
public:
  received greet(std::string_view& payload) final { return hello(std::exchange(payload, {})); }
  received read(std::string_view& payload) final { return word(std::exchange(payload, {})); }

  std::string write(std::uint64_t sequence) const override { return event(sequence); }

protected:
  virtual received hello(std::string_view) { return {received::ready}; }
  virtual received word(std::string_view payload) { return sequence_.read(payload); }

  sequence_finder sequence_;
};

class hub : public plain {
public:
  bool greets() const override { return true; }

  std::string target(std::size_t room) const override { return "/ws?room=" + std::to_string(room); }

  std::string write(std::uint64_t sequence) const override {
    return R"({"type":"message","text":")" + text(sequence) + "\"}";
  }

private:
  received hello(std::string_view payload) override {
    const bool init = payload.find(R"("type":"init")") != payload.npos;
    return {init ? received::ready : received::refusal};
  }

  received word(std::string_view payload) override {
    const auto kind = type_.behind(payload);
    if (kind < payload.size() && payload[kind] == 'e')
      return {received::refusal};
    if (kind >= payload.size() || payload[kind] != 'm')
      return {received::other};
    auto result = sequence_.read(payload);
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
  std::string target(std::size_t) const override { return "/socket.io/?EIO=4&transport=websocket"; }
  bool greets() const override { return true; }

  std::string write(std::uint64_t sequence) const override {
    return R"(42["message",)" + event(sequence) + "]";
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

/// A stream of lines, in which a MSG line is followed by its text. A frame may end anywhere.
class nats : public protocol {
public:
  std::string target(std::size_t) const override { return "/"; }
  bool greets() const override { return true; }

  received greet(std::string_view& payload) override {
    const auto line = take_line(payload);
    if (line.starts_with("PONG"))
      return {received::ready};
    if (line.starts_with("INFO"))
      return {received::other, 0, 0, "CONNECT {\"verbose\":false}\r\nSUB lobby 1\r\nPING\r\n"};
    return {line.starts_with("-ERR") ? received::refusal : received::other};
  }

  received read(std::string_view& payload) override {
    auto rest = payload;
    const auto line = take_line(rest);
    if (!line.starts_with("MSG")) {
      payload = rest;
      const bool ping = line.starts_with("PING");
      return {line.starts_with("-ERR") ? received::refusal : received::other, 0, 0,
              ping ? "PONG\r\n" : ""};
    }
    const auto size = number(line, line.rfind(' ') + 1) + 2;
    if (rest.size() < size)
      return {received::other};
    payload = rest.substr(size);
    return sequence_.read(rest.substr(0, size));
  }

  std::string write(std::uint64_t sequence) const override {
    const auto payload = event(sequence);
    return "PUB lobby " + std::to_string(payload.size()) + "\r\n" + payload + "\r\n";
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

std::unique_ptr<protocol> make_protocol(std::string_view name) {
  if (name == "hub")
    return std::make_unique<hub>();
  if (name == "plain")
    return std::make_unique<plain>();
  if (name == "socket.io")
    return std::make_unique<socket_io>();
  if (name == "nats")
    return std::make_unique<nats>();
  throw std::invalid_argument("no protocol " + std::string(name));
}

} // namespace bench
