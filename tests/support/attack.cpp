// All sockets are non-blocking and share one epoll instance. A connection whose peer reads nothing
// waits until the socket is writable again.
#include "tests/support/attack.hpp"

#include "tests/support/socket.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <sys/epoll.h>

namespace test {

attack::attack(std::uint16_t port, attack_plan plan)
    : port_{port}, plan_{std::move(plan)}, poll_{checked(::epoll_create1(EPOLL_CLOEXEC),
                                                         "epoll_create1")},
      clients_(plan_.connections) {
  for (std::size_t index = 0; index < clients_.size(); ++index)
    to_open_.push_back(index);
  thread_ = std::thread{[this] { run(); }};
}

attack::~attack() {
  stopped_ = true;
  thread_.join();
  for (auto& each : clients_)
    if (each.socket.get() >= 0)
      reset_at_end(each.socket);
}

void attack::run() {
  std::array<epoll_event, 256> events;
  while (!stopped_) {
    while (!to_open_.empty() && handshakes_ < plan_.handshakes && !stopped_) {
      const auto index = to_open_.front();
      to_open_.pop_front();
      if (!open(index)) {
        to_open_.push_back(index);
        break;
      }
    }
    const auto count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), 5);
    for (int i = 0; i < count && !stopped_; ++i)
      on_events(events[static_cast<std::size_t>(i)].data.u64,
                events[static_cast<std::size_t>(i)].events);
  }
}

bool attack::open(std::size_t index) {
  auto& each = clients_[index];
  each = {};
  each.socket = new_socket();
  if (!connect_to(port_, each.socket, plan_.from))
    return false; // no local port is free at the moment
  each.request = plan_.request(opened_++);
  each.writes = true;
  epoll_event event{EPOLLIN | EPOLLOUT, {.u64 = index}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, each.socket.get(), &event), "epoll_ctl");
  ++handshakes_;
  ++open_now_;
  return true;
}

void attack::on_events(std::size_t index, std::uint32_t events) {
  auto& each = clients_[index];
  if ((events & EPOLLIN) != 0 && !read(each))
    return drop(index);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0)
    return drop(index);
  if (each.answered && plan_.resets_when_answered)
    return drop(index);
  if ((events & EPOLLOUT) != 0 && !write(each))
    return drop(index);
  watch(index, !each.request.empty() || (each.answered && !plan_.repeated.empty()));
}

bool attack::read(client& from) {
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
    --handshakes_;
    const std::string_view said{buffer.data(), static_cast<std::size_t>(size)};
    if (said.starts_with("HTTP/1.1 101"))
      ++upgraded_;
  }
  return true;
}

bool attack::write(client& to) {
  const auto send = [&](const std::string& what) {
    const auto size =
        ::send(to.socket.get(), what.data() + to.at, what.size() - to.at, MSG_NOSIGNAL);
    if (size < 0)
      return errno == EAGAIN;
    sent_ += static_cast<std::uint64_t>(size);
    to.at += static_cast<std::size_t>(size);
    return true;
  };
  if (!to.request.empty()) {
    if (!send(to.request))
      return false;
    if (to.at == to.request.size()) {
      to.request.clear();
      to.at = 0;
    }
    return true;
  }
  if (!to.answered || plan_.repeated.empty())
    return true;
  if (!send(plan_.repeated))
    return false;
  if (to.at == plan_.repeated.size())
    to.at = 0;
  return true;
}

void attack::watch(std::size_t index, bool writes) {
  auto& each = clients_[index];
  if (each.writes == writes)
    return;
  each.writes = writes;
  const std::uint32_t in = each.answered && !plan_.reads ? 0u : std::uint32_t{EPOLLIN};
  epoll_event event{in | (writes ? std::uint32_t{EPOLLOUT} : 0u), {.u64 = index}};
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, each.socket.get(), &event), "epoll_ctl");
}

void attack::drop(std::size_t index) {
  auto& each = clients_[index];
  if (!(each.answered && plan_.resets_when_answered))
    ++ended_;
  if (!each.answered) {
    --handshakes_;
    ++unanswered_;
  }
  --open_now_;
  reset_at_end(each.socket);
  each.socket.close();
  if (plan_.reconnects || plan_.resets_when_answered)
    to_open_.push_back(index);
}

std::string upgrade_request(const std::string& target, const std::string& more_fields) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more_fields + "\r\n";
}

} // namespace test
