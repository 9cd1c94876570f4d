#include "dialect.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t digits = 10;

/// A place in a payload. Neighbours on the line look alike, so it looks where the last one was
/// before it searches.
class landmark {
public:
  explicit landmark(std::string_view mark) : mark_(mark) {}

  /// The index just behind the mark, or npos.
  std::size_t behind(std::string_view payload) {
    if (payload.size() < last_ + mark_.size() ||
        std::memcmp(payload.data() + last_, mark_.data(), mark_.size()) != 0) {
      const auto found = payload.find(mark_);
      if (found == payload.npos)
        return payload.npos;
      last_ = found;
    }
    return last_ + mark_.size();
  }

private:
  std::string_view mark_;
  std::size_t last_ = 0;
};

std::uint64_t number(std::string_view payload, std::size_t at) {
  std::uint64_t value = 0;
  if (at < payload.size())
    std::from_chars(payload.data() + at, payload.data() + payload.size(), value);
  return value;
}

std::string text(std::uint64_t sequence) {
  // Words, not one letter again and again: some servers compress.
  std::string all =
      "~0123456789 The ferry leaves at seven and Anna has the tickets, so bring a coat, "
      "both small bags, and what is left of the bread that we had on Sunday.";
  for (auto i = digits; i > 0; --i, sequence /= 10)
    all[i] = static_cast<char>('0' + sequence % 10);
  return all;
}

/// What hubbub makes of such a text, byte for byte but for the values. Everybody delivers this, so
/// that nobody is fast by saying less; hubbub alone is sent less, and makes it.
std::string event(std::uint64_t sequence) {
  return R"({"type":"message","id":10000,"text":")" + text(sequence) +
         R"(","connection_id":"8c2f6f0e-51d3-4b7a-9e64-d0b3a1c75f28","user_message_number":10,)" +
         R"("created_at":"2026-01-31T09:30:00.123456+00:00"})";
}

/// The sequence number of a text anywhere in the payload.
class sequence_finder {
public:
  heard read(std::string_view payload) {
    const auto at = tilde_.behind(payload);
    if (at == payload.npos || payload.size() - at < digits)
      return {heard::chatter};
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i)
      value = value * 10 + static_cast<std::uint64_t>(payload[at + i] - '0');
    return {heard::message, value};
  }

private:
  landmark tilde_{"~"};
};

/// One thing a frame.
class plain : public dialect {
public:
  heard greet(std::string_view& payload) final { return hello(std::exchange(payload, {})); }
  heard read(std::string_view& payload) final { return word(std::exchange(payload, {})); }

  std::string write(std::uint64_t sequence) const override { return event(sequence); }

protected:
  virtual heard hello(std::string_view) { return {heard::ready}; }
  virtual heard word(std::string_view payload) { return sequence_.read(payload); }

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
  heard hello(std::string_view payload) override {
    const bool init = payload.find(R"("type":"init")") != payload.npos;
    return {init ? heard::ready : heard::refusal};
  }

  heard word(std::string_view payload) override {
    const auto kind = type_.behind(payload);
    if (kind < payload.size() && payload[kind] == 'e')
      return {heard::refusal};
    if (kind >= payload.size() || payload[kind] != 'm')
      return {heard::chatter};
    auto result = sequence_.read(payload);
    result.id = number(payload, id_.behind(payload));
    if (result.what != heard::message || result.id == 0)
      return {heard::refusal};
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
  heard hello(std::string_view payload) override {
    if (payload.starts_with("40"))
      return {heard::ready};
    return {heard::chatter, 0, 0, payload.starts_with('0') ? "40" : ""};
  }

  heard word(std::string_view payload) override {
    if (payload == "2")
      return {heard::chatter, 0, 0, "3"};
    return plain::word(payload);
  }
};

/// Lines in a stream; a MSG line is followed by its text. Frames end anywhere.
class nats : public dialect {
public:
  std::string target(std::size_t) const override { return "/"; }
  bool greets() const override { return true; }

  heard greet(std::string_view& payload) override {
    const auto line = take_line(payload);
    if (line.starts_with("PONG"))
      return {heard::ready};
    if (line.starts_with("INFO"))
      return {heard::chatter, 0, 0, "CONNECT {\"verbose\":false}\r\nSUB lobby 1\r\nPING\r\n"};
    return {line.starts_with("-ERR") ? heard::refusal : heard::chatter};
  }

  heard read(std::string_view& payload) override {
    auto rest = payload;
    const auto line = take_line(rest);
    if (!line.starts_with("MSG")) {
      payload = rest;
      const bool ping = line.starts_with("PING");
      return {line.starts_with("-ERR") ? heard::refusal : heard::chatter, 0, 0,
              ping ? "PONG\r\n" : ""};
    }
    const auto size = number(line, line.rfind(' ') + 1) + 2;
    if (rest.size() < size)
      return {heard::chatter};
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

std::unique_ptr<dialect> make_dialect(std::string_view name) {
  if (name == "hub")
    return std::make_unique<hub>();
  if (name == "plain")
    return std::make_unique<plain>();
  if (name == "socket.io")
    return std::make_unique<socket_io>();
  if (name == "nats")
    return std::make_unique<nats>();
  throw std::invalid_argument("no dialect " + std::string(name));
}

} // namespace bench
