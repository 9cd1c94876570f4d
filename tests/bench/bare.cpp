// The baseline: a minimal chat server. One epoll loop, no storage, no checks.
// Without a flag it sends each message to each socket by itself. With --gather it sends the
// messages of one epoll round in one write to each socket. With --deflate it compresses each
// message once. Every connection is in every room. To test the generator, --lose N and --double N
// drop or repeat the Nth delivery, and --swap N exchanges it with the next one of the same socket.

#include "deflate.hpp"
#include "frames.hpp"
#include "payload.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct connection {
  bool open = false; // The upgrade is complete.
  std::string in;
  std::string out; // The bytes that the socket has not taken yet.
};

struct options {
  bool gather = false;
  bool deflate = false;
  std::uint64_t lose = 0;
  std::uint64_t twice = 0;
  std::uint64_t swap = 0;
};

class loop {
public:
  explicit loop(const options& with) : options_(with) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 4096) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    std::printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void round() {
    std::array<epoll_event, 1024> events;
    const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener_)
        accept();
      else if (events[i].events & EPOLLOUT)
        flush(fd, connections_[fd]);
      else
        read(fd);
    }
    if (!gathered_.empty())
      for (auto& [fd, c] : connections_)
        deliver(fd, c, gathered_);
    gathered_.clear();
  }

private:
  void watch(int act, int fd, std::uint32_t what) {
    epoll_event event{what, {.fd = fd}};
    epoll_ctl(epoll_, act, fd, &event);
  }

  void accept() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0)
      return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd];
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  void read(int fd) {
    std::array<char, 65536> buffer;
    const auto got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      connections_.erase(fd);
      ::close(fd);
      return;
    }
    auto& c = connections_[fd];
    c.in.append(buffer.data(), static_cast<std::size_t>(got));
    if (!c.open)
      return upgrade(fd, c);
    std::size_t used = 0;
    while (const auto f = bench::take_frame(std::span(c.in).subspan(used))) {
      used += f->size;
      if (f->code == bench::opcode::text && f->payload.starts_with(bench::subscribe_mark))
        answer(fd, c, f->payload);
      else if (f->code == bench::opcode::text)
        publish(f->payload);
    }
    c.in.erase(0, used);
  }

  void upgrade(int fd, connection& c) {
    if (!c.in.ends_with("\r\n\r\n"))
      return;
    c.in.clear();
    c.open = true;
    c.out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            std::string(bench::sample_accept) +
            (options_.deflate ? "\r\nSec-WebSocket-Extensions: permessage-deflate; "
                                "server_no_context_takeover"
                              : "") +
            "\r\n\r\n";
    flush(fd, c);
  }

  /// Every connection is in every room, so it is enough to say so.
  void answer(int fd, connection& c, std::string_view payload) {
    frame_.clear();
    put(frame_, payload);
    send(fd, c, frame_);
  }

  void publish(std::string_view payload) {
    if (options_.gather)
      return put(gathered_, payload);
    frame_.clear();
    put(frame_, payload);
    for (auto& [fd, c] : connections_)
      deliver(fd, c, frame_);
  }

  void put(std::string& out, std::string_view payload) {
    if (!options_.deflate)
      return bench::put_frame(out, bench::opcode::text, payload);
    const auto start = out.size();
    bench::put_frame(out, bench::opcode::text, deflater_.deflate(payload));
    out[start] |= 0x40; // RSV1
  }

  void deliver(int fd, connection& c, std::string_view bytes) {
    if (++deliveries_ == options_.swap) {
      swapped_ = {fd, std::string(bytes)};
      return;
    }
    if (deliveries_ != options_.lose)
      send(fd, c, bytes);
    if (deliveries_ == options_.twice)
      send(fd, c, bytes);
    if (fd == swapped_.first)
      send(fd, c, std::exchange(swapped_, {-1, {}}).second);
  }

  void send(int fd, connection& c, std::string_view bytes) {
    if (!c.open)
      return;
    if (!c.out.empty()) {
      c.out += bytes;
      return;
    }
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size()))
      return;
    c.out = bytes.substr(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
  }

  void flush(int fd, connection& c) {
    const auto sent = ::send(fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    c.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    watch(EPOLL_CTL_MOD, fd, c.out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
  }

  const options options_;
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int epoll_ = epoll_create1(0);
  std::map<int, connection> connections_;
  std::string frame_;
  std::string gathered_;
  bench::deflater deflater_;
  std::pair<int, std::string> swapped_{-1, {}};
  std::uint64_t deliveries_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  options chosen;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--gather")
      chosen.gather = true;
    else if (name == "--deflate")
      chosen.deflate = true;
    else if (name == "--lose" && i + 1 < argc)
      chosen.lose = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--double" && i + 1 < argc)
      chosen.twice = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--swap" && i + 1 < argc)
      chosen.swap = std::strtoull(argv[++i], nullptr, 10);
    else
      return std::fputs(
                 "usage: bench_bare [--gather] [--deflate] [--lose N] [--double N] [--swap N]\n",
                 stderr),
             2;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (loop server(chosen);;)
    server.round();
}
