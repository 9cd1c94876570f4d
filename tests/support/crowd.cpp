// All sockets share one epoll instance. While the crowd is built up, at most 128 handshakes are
// under way at a time. Later every client reconnects when it was told to, whatever their number.
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
    run_until("the first to be inside", patience,
              [&] { return sockets_ - inside_ < handshakes_at_once; });
    clients_.emplace_back();
    connect(clients_.size() - 1);
  }
  run_until("all to be inside", patience, [&] { return inside_ == size(); });
  if (refused != 0)
    throw std::runtime_error{std::to_string(refused) +
                             " were not let in at once: " + last_failure_};
}

void crowd::run_until(const std::string& what, deadline until, const std::function<bool()>& done) {
  std::array<epoll_event, 256> events;
  while (!done()) {
    if (until.passed())
      throw timeout{"timed out waiting for " + what + ": " + std::to_string(inside_) + " of " +
                    std::to_string(clients_.size()) + " are inside"};
    const auto count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                                    due_.empty() ? 10 : 1);
    for (int i = 0; i < count; ++i)
      on_ready(events[static_cast<std::size_t>(i)].data.u64);
    while (!due_.empty() && due_.begin()->first <= clock::now()) {
      const auto index = due_.begin()->second;
      due_.erase(due_.begin());
      return_times.push_back(clock::now());
      connect(index);
    }
  }
}

void crowd::connect(std::size_t index) {
  auto& c = clients_[index];
  c.socket = new_socket();
  ++sockets_;
  c.at = stage::connecting;
  c.told = false;
  // A local port stays in TIME_WAIT for a minute after its connection ended, so 16 client addresses
  // take turns.
  if (!connect_to(port_, c.socket, "127.0.0." + std::to_string(1 + index % 16)))
    return on_disconnect(index, error_text(errno));
  epoll_event event{EPOLLOUT, {.u64 = index}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, c.socket.get(), &event), "epoll_ctl");
}

void crowd::on_ready(std::size_t index) {
  auto& c = clients_[index];
  if (c.at == stage::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(c.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return on_disconnect(index, error_text(error));
    epoll_event event{EPOLLIN, {.u64 = index}};
    checked(::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, c.socket.get(), &event), "epoll_ctl");
    c.at = stage::upgrading;
    const auto cursor = std::to_string(c.seen.empty() ? 0 : c.seen.back());
    return send(index, "GET /ws" + (c.log.empty() ? "" : "?after=" + cursor + "&log=" + c.log) +
                           " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: "
                           "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                           "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  }
  std::array<char, 65536> buffer;
  const auto size = ::recv(c.socket.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN)
    return;
  if (size <= 0)
    return on_disconnect(index, size < 0 ? error_text(errno) : "it was closed");
  c.in.append(buffer.data(), static_cast<std::size_t>(size));
  handle_frames(index);
}

void crowd::handle_frames(std::size_t index) {
  auto& c = clients_[index];
  std::size_t used = 0;
  if (c.at == stage::upgrading) {
    const auto end = c.in.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    if (!c.in.starts_with("HTTP/1.1 101 "))
      return on_disconnect(index, c.in);
    used = end + 4;
    c.at = stage::inside;
  }
  std::size_t size = 0;
  while (const auto frame = decode(std::string_view{c.in}.substr(used), size)) {
    used += size;
    if (frame->code == opcode::text)
      handle_text(index, frame->payload);
    else if (frame->code == opcode::ping)
      send(index, encode({opcode::pong, frame->payload}));
    else if (frame->code == opcode::close && !c.told) {
      constexpr std::string_view mark = "retry_after_ms=";
      const std::string_view said{frame->payload};
      if (said.size() > 2 && said.substr(2).starts_with(mark)) {
        ++told;
        c.told = true;
        const std::chrono::milliseconds wait{std::stol(std::string{said.substr(2 + mark.size())})};
        planned_returns.push_back(clock::time_point{wait});
        c.returns_at = clock::now() + wait;
      }
      send(index, encode({opcode::close, frame->payload.substr(0, 2)}));
    }
  }
  c.in.erase(0, used);
}

void crowd::handle_text(std::size_t index, const std::string& text) {
  if (text.starts_with(R"({"type":"presence")"))
    return;
  auto& c = clients_[index];
  const auto frame = nlohmann::json::parse(text);
  if (frame["type"] == "message")
    return record(c, frame["id"]);
  if (frame["type"] != "init")
    throw std::runtime_error{"a client was told " + text};
  if (!c.log.empty() && (frame["resumed"] != true || frame["log"] != c.log))
    throw std::runtime_error{"a client came back and was told " + text};
  c.log = frame["log"];
  for (const auto& row : frame["history"])
    record(c, row["id"]);
  c.tries = 0;
  c.greeted = true;
  ++inside_;
}

void crowd::record(client& to, std::int64_t id) {
  if (!to.seen.empty() && id <= to.seen.back())
    throw std::runtime_error{"a client was shown " + std::to_string(id) + " after " +
                             std::to_string(to.seen.back())};
  to.seen.push_back(id);
}

void crowd::on_disconnect(std::size_t index, const std::string& why) {
  auto& c = clients_[index];
  --sockets_;
  const bool was_inside = std::exchange(c.greeted, false);
  inside_ -= was_inside;
  c.socket.close();
  c.in.clear();
  c.at = stage::disconnected;
  if (std::exchange(c.told, false)) {
    due_.emplace(std::max(c.returns_at, clock::now()), index); // not while this connection is open
    return;
  }
  ++(was_inside ? dropped : refused);
  last_failure_ = why;
  const auto most = 500 << std::min(c.tries++, 5);
  due_.emplace(clock::now() + std::chrono::milliseconds{random_() % most}, index);
}

void crowd::send_message(std::size_t index, const std::string& text) {
  send(index, encode({opcode::text, nlohmann::json{{"type", "message"}, {"text", text}}.dump()}));
}

/// `bytes` are few enough for the socket to take them at once.
void crowd::send(std::size_t index, const std::string& bytes) {
  const auto sent = ::send(clients_[index].socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0 && static_cast<std::size_t>(sent) != bytes.size())
    throw std::runtime_error{"a socket took only a part of a frame"};
}

std::size_t most_within(std::vector<crowd::clock::time_point> moments,
                        crowd::clock::duration window) {
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
