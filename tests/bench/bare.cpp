// The yardstick: the least that can carry a chat. One epoll loop, no storage, no checks.
// bare sends each message to each socket by itself; with --gather it sends what one epoll round
// brought in one go; with --deflate it compresses each message, once for all. --lose N, --double N
// and --swap N (with its socket's next) break the Nth delivery, to test the generator.

#include "deflate.hpp"
#include "frames.hpp"

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

struct line {
  bool open = false; // the upgrade is done
  std::string in;
  std::string out; // what the socket would not take
};

struct manner {
  bool gather = false;
  bool deflate = false;
  std::uint64_t lose = 0;
  std::uint64_t twice = 0;
  std::uint64_t swap = 0;
};

class loop {
public:
  explicit loop(const manner& how) : how_(how) {
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
        flush(fd, lines_[fd]);
      else
        read(fd);
    }
    if (!gathered_.empty())
      for (auto& [fd, l] : lines_)
        deliver(fd, l, gathered_);
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
    lines_[fd];
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  void read(int fd) {
    std::array<char, 65536> buffer;
    const auto got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      lines_.erase(fd);
      ::close(fd);
      return;
    }
    auto& l = lines_[fd];
    l.in.append(buffer.data(), static_cast<std::size_t>(got));
    if (!l.open)
      return upgrade(fd, l);
    std::size_t used = 0;
    while (const auto f = bench::take_frame(std::span(l.in).subspan(used))) {
      used += f->size;
      if (f->code == bench::opcode::text)
        publish(f->payload);
    }
    l.in.erase(0, used);
  }

  void upgrade(int fd, line& l) {
    if (!l.in.ends_with("\r\n\r\n"))
      return;
    l.in.clear();
    l.open = true;
    l.out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            std::string(bench::sample_accept) +
            (how_.deflate ? "\r\nSec-WebSocket-Extensions: permessage-deflate; "
                            "server_no_context_takeover"
                          : "") +
            "\r\n\r\n";
    flush(fd, l);
  }

  void publish(std::string_view payload) {
    if (how_.gather)
      return put(gathered_, payload);
    frame_.clear();
    put(frame_, payload);
    for (auto& [fd, l] : lines_)
      deliver(fd, l, frame_);
  }

  void put(std::string& out, std::string_view payload) {
    if (!how_.deflate)
      return bench::put_frame(out, bench::opcode::text, payload);
    const auto start = out.size();
    bench::put_frame(out, bench::opcode::text, deflater_.deflate(payload));
    out[start] |= 0x40; // RSV1
  }

  void deliver(int fd, line& l, std::string_view bytes) {
    if (++deliveries_ == how_.swap) {
      swapped_ = {fd, std::string(bytes)};
      return;
    }
    if (deliveries_ != how_.lose)
      send(fd, l, bytes);
    if (deliveries_ == how_.twice)
      send(fd, l, bytes);
    if (fd == swapped_.first)
      send(fd, l, std::exchange(swapped_, {-1, {}}).second);
  }

  void send(int fd, line& l, std::string_view bytes) {
    if (!l.open)
      return;
    if (!l.out.empty()) {
      l.out += bytes;
      return;
    }
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size()))
      return;
    l.out = bytes.substr(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
  }

  void flush(int fd, line& l) {
    const auto sent = ::send(fd, l.out.data(), l.out.size(), MSG_NOSIGNAL);
    l.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    watch(EPOLL_CTL_MOD, fd, l.out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
  }

  const manner how_;
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int epoll_ = epoll_create1(0);
  std::map<int, line> lines_;
  std::string frame_;
  std::string gathered_;
  bench::deflater deflater_;
  std::pair<int, std::string> swapped_{-1, {}};
  std::uint64_t deliveries_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  manner how;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--gather")
      how.gather = true;
    else if (name == "--deflate")
      how.deflate = true;
    else if (name == "--lose" && i + 1 < argc)
      how.lose = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--double" && i + 1 < argc)
      how.twice = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--swap" && i + 1 < argc)
      how.swap = std::strtoull(argv[++i], nullptr, 10);
    else
      return std::fputs("bare [--gather] [--deflate] [--lose N] [--double N] [--swap N]\n", stderr),
             2;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (loop l(how);;)
    l.round();
}
