// One epoll for all. At most some hundred handshakes are under way at first; later everyone comes
// when it was told to, however many that are.
#include "tests/support/crowd.hpp"

#include "tests/support/socket.hpp"
#include "tests/support/ws_frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sys/epoll.h>

namespace test {

namespace {

constexpr std::size_t handshakes_at_once = 128;

} // namespace

crowd::crowd(std::uint16_t port, std::size_t most, deadline opening)
    : port_{port}, poll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")} {
  while (clients_.size() < most && !opening.passed()) {
    live("the first to be inside", patience, [&] { return lines_ - inside_ < handshakes_at_once; });
    clients_.emplace_back();
    connect(clients_.size() - 1);
  }
  live("all to be inside", patience, [&] { return inside_ == size(); });
  if (refused != 0)
    throw std::runtime_error{std::to_string(refused) + " were not let in at once: " + last_word_};
}

void crowd::live(const std::string& what, deadline until, const std::function<bool()>& done) {
  std::array<epoll_event, 256> events;
  while (!done()) {
    if (until.passed())
      throw timeout{"waited in vain for " + what + ": " + std::to_string(inside_) + " of " +
                    std::to_string(clients_.size()) + " are inside"};
    const auto count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                                    due_.empty() ? 10 : 1);
    for (int i = 0; i < count; ++i)
      ready(events[static_cast<std::size_t>(i)].data.u64);
    while (!due_.empty() && due_.begin()->first <= clock::now()) {
      const auto who = due_.begin()->second;
      due_.erase(due_.begin());
      returns.push_back(clock::now());
      connect(who);
    }
  }
}

void crowd::connect(std::size_t who) {
  auto& c = clients_[who];
  c.line = new_socket();
  ++lines_;
  c.at = stage::connecting;
  c.told = false;
  // The ports of lines that ended rest for a minute.
  if (!connect_to(port_, c.line, "127.0.0." + std::to_string(1 + who % 16)))
    return part(who, meaning(errno));
  epoll_event event{EPOLLOUT, {.u64 = who}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, c.line.get(), &event), "epoll_ctl");
}

void crowd::ready(std::size_t who) {
  auto& c = clients_[who];
  if (c.at == stage::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(c.line.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return part(who, meaning(error));
    epoll_event event{EPOLLIN, {.u64 = who}};
    checked(::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, c.line.get(), &event), "epoll_ctl");
    c.at = stage::upgrading;
    const auto cursor = std::to_string(c.seen.empty() ? 0 : c.seen.back());
    return send(who, "GET /ws" + (c.log.empty() ? "" : "?after=" + cursor + "&log=" + c.log) +
                         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: "
                         "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                         "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  }
  std::array<char, 65536> buffer;
  const auto size = ::recv(c.line.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN)
    return;
  if (size <= 0)
    return part(who, size < 0 ? meaning(errno) : "it was closed");
  c.in.append(buffer.data(), static_cast<std::size_t>(size));
  take(who);
}

void crowd::take(std::size_t who) {
  auto& c = clients_[who];
  std::size_t used = 0;
  if (c.at == stage::upgrading) {
    const auto end = c.in.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    if (!c.in.starts_with("HTTP/1.1 101 "))
      return part(who, c.in);
    used = end + 4;
    c.at = stage::inside;
  }
  std::size_t size = 0;
  while (const auto frame = decode(std::string_view{c.in}.substr(used), size)) {
    used += size;
    if (frame->code == opcode::text)
      take_text(who, frame->payload);
    else if (frame->code == opcode::ping)
      send(who, encode({opcode::pong, frame->payload}));
    else if (frame->code == opcode::close && !c.told) {
      constexpr std::string_view mark = "retry_after_ms=";
      const std::string_view said{frame->payload};
      if (said.size() > 2 && said.substr(2).starts_with(mark)) {
        ++told;
        c.told = true;
        const std::chrono::milliseconds wait{std::stol(std::string{said.substr(2 + mark.size())})};
        planned.push_back(clock::time_point{wait});
        c.returns_at = clock::now() + wait;
      }
      send(who, encode({opcode::close, frame->payload.substr(0, 2)}));
    }
  }
  c.in.erase(0, used);
}

void crowd::take_text(std::size_t who, const std::string& text) {
  if (text.starts_with(R"({"type":"presence")"))
    return;
  auto& c = clients_[who];
  const auto frame = nlohmann::json::parse(text);
  if (frame["type"] == "message")
    return show(c, frame["id"]);
  if (frame["type"] != "init")
    throw std::runtime_error{"a client was told " + text};
  if (!c.log.empty() && (frame["resumed"] != true || frame["log"] != c.log))
    throw std::runtime_error{"a client came back and was told " + text};
  c.log = frame["log"];
  for (const auto& row : frame["history"])
    show(c, row["id"]);
  c.tries = 0;
  c.greeted = true;
  ++inside_;
}

void crowd::show(client& to, std::int64_t id) {
  if (!to.seen.empty() && id <= to.seen.back())
    throw std::runtime_error{"a client was shown " + std::to_string(id) + " after " +
                             std::to_string(to.seen.back())};
  to.seen.push_back(id);
}

void crowd::part(std::size_t who, const std::string& why) {
  auto& c = clients_[who];
  --lines_;
  const bool was_inside = std::exchange(c.greeted, false);
  inside_ -= was_inside;
  c.line.close();
  c.in.clear();
  c.at = stage::away;
  if (std::exchange(c.told, false)) {
    due_.emplace(std::max(c.returns_at, clock::now()), who); // not before this line has ended
    return;
  }
  ++(was_inside ? cut : refused);
  last_word_ = why;
  const auto most = 500 << std::min(c.tries++, 5);
  due_.emplace(clock::now() + std::chrono::milliseconds{random_() % most}, who);
}

void crowd::say(std::size_t who, const std::string& text) {
  send(who, encode({opcode::text, nlohmann::json{{"type", "message"}, {"text", text}}.dump()}));
}

/// Little enough for the socket to take at once.
void crowd::send(std::size_t who, const std::string& bytes) {
  const auto sent = ::send(clients_[who].line.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0 && static_cast<std::size_t>(sent) != bytes.size())
    throw std::runtime_error{"a socket took only a part of a frame"};
}

std::size_t busiest(std::vector<crowd::clock::time_point> moments, crowd::clock::duration window) {
  std::sort(moments.begin(), moments.end());
  std::size_t most = 0;
  for (std::size_t first = 0, next = 0; next < moments.size(); ++next) {
    while (moments[next] - moments[first] >= window)
      ++first;
    most = std::max(most, next - first + 1);
  }
  return most;
}

} // namespace test
