// One epoll. A connection that is refused its bytes waits; one that is cut is counted.
#include "tests/support/attack.hpp"

#include "tests/support/socket.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <sys/epoll.h>

namespace test {

namespace {

constexpr std::size_t openings_at_once = 128;

} // namespace

attack::attack(std::uint16_t port, attack_plan plan)
    : port_{port}, plan_{std::move(plan)}, poll_{checked(::epoll_create1(EPOLL_CLOEXEC),
                                                         "epoll_create1")},
      lines_(plan_.connections) {
  for (std::size_t who = 0; who < lines_.size(); ++who)
    away_.push_back(who);
  thread_ = std::thread{[this] { run(); }};
}

attack::~attack() {
  over_ = true;
  thread_.join();
  for (auto& each : lines_)
    if (each.socket.get() >= 0)
      reset_at_end(each.socket);
}

void attack::run() {
  std::array<epoll_event, 256> events;
  while (!over_) {
    while (!away_.empty() && opening_ < openings_at_once && !over_) {
      const auto who = away_.front();
      away_.pop_front();
      if (!open(who)) {
        away_.push_back(who);
        break;
      }
    }
    const auto count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), 5);
    for (int i = 0; i < count && !over_; ++i)
      ready(events[static_cast<std::size_t>(i)].data.u64,
            events[static_cast<std::size_t>(i)].events);
  }
}

bool attack::open(std::size_t who) {
  auto& it = lines_[who];
  it = {};
  it.socket = new_socket();
  if (!connect_to(port_, it.socket, plan_.from))
    return false; // no port is free just now
  it.opening = plan_.opening(opened_++);
  it.writes = true;
  epoll_event event{EPOLLIN | EPOLLOUT, {.u64 = who}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, it.socket.get(), &event), "epoll_ctl");
  ++opening_;
  ++inside_;
  return true;
}

void attack::ready(std::size_t who, std::uint32_t events) {
  auto& it = lines_[who];
  if ((events & EPOLLIN) != 0 && !read(it))
    return end(who);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0)
    return end(who);
  if (it.answered && plan_.leaves)
    return end(who);
  if ((events & EPOLLOUT) != 0 && !write(it))
    return end(who);
  watch(who, !it.opening.empty() || (it.answered && !plan_.again.empty()));
}

bool attack::read(line& from) {
  std::array<char, 65536> buffer;
  if (from.answered && !plan_.reads)
    return true;
  const auto size = ::recv(from.socket.get(), buffer.data(), buffer.size(), 0);
  if (size < 0)
    return errno == EAGAIN;
  if (size == 0)
    return false;
  if (!std::exchange(from.answered, true)) {
    ++answered_;
    const std::string_view said{buffer.data(), static_cast<std::size_t>(size)};
    if (said.starts_with("HTTP/1.1 101"))
      ++let_in_;
  }
  return true;
}

bool attack::write(line& to) {
  const auto send = [&](const std::string& what) {
    const auto size =
        ::send(to.socket.get(), what.data() + to.at, what.size() - to.at, MSG_NOSIGNAL);
    if (size < 0)
      return errno == EAGAIN;
    sent_ += static_cast<std::uint64_t>(size);
    to.at += static_cast<std::size_t>(size);
    return true;
  };
  if (!to.opening.empty()) {
    if (!send(to.opening))
      return false;
    if (to.at == to.opening.size()) {
      to.opening.clear();
      to.at = 0;
      --opening_;
    }
    return true;
  }
  if (!to.answered || plan_.again.empty())
    return true;
  if (!send(plan_.again))
    return false;
  if (to.at == plan_.again.size())
    to.at = 0;
  return true;
}

void attack::watch(std::size_t who, bool writes) {
  auto& it = lines_[who];
  if (it.writes == writes)
    return;
  it.writes = writes;
  const std::uint32_t in = it.answered && !plan_.reads ? 0u : std::uint32_t{EPOLLIN};
  epoll_event event{in | (writes ? std::uint32_t{EPOLLOUT} : 0u), {.u64 = who}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, it.socket.get(), &event), "epoll_ctl");
}

void attack::end(std::size_t who) {
  auto& it = lines_[who];
  if (!it.opening.empty())
    --opening_;
  if (!(it.answered && plan_.leaves))
    ++ended_;
  if (!it.answered)
    ++unheard_;
  --inside_;
  reset_at_end(it.socket);
  it.socket.close();
  if (plan_.returns || plan_.leaves)
    away_.push_back(who);
}

std::string upgrade_request(const std::string& target, const std::string& more_fields) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more_fields + "\r\n";
}

} // namespace test
