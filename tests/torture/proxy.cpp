// One thread, poll(2), and a look at everything every few milliseconds, so that nothing needs a
// timer.
#include "tests/torture/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

namespace torture {

namespace {

using namespace std::chrono_literals;

sockaddr_in local(std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return where;
}

int new_socket(int flags) {
  auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0)
    throw std::system_error{errno, std::generic_category(), "socket"};
  return fd;
}

/// What is there; none at the end.
std::optional<std::string> take(const test::descriptor& from) {
  std::string bytes(65536, '\0');
  auto size = ::recv(from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return "";
  if (size <= 0)
    return {};
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

/// Sends what goes out; false at the end.
bool give(const test::descriptor& to, std::string& bytes) {
  while (!bytes.empty()) {
    auto size = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0)
      return errno == EAGAIN || errno == EINTR;
    bytes.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

bool ready(const pollfd& waited) {
  return (waited.revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

} // namespace

proxy::proxy(std::uint16_t to, std::uint64_t seed)
    : to_{to}, dice_{seed, 1'000'000}, listener_{new_socket(0)} {
  auto where = local(0);
  socklen_t size = sizeof where;
  if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&where), size) != 0 ||
      ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&where), &size) != 0)
    throw std::system_error{errno, std::generic_category(), "listen"};
  port_ = ntohs(where.sin_port);
  thread_ = std::thread{&proxy::run, this};
}

proxy::~proxy() {
  stops_ = true;
  thread_.join();
}

void proxy::heal() {
  stalls_ = stalls_some_ = refuses_ = flickers_ = false;
  cuts_ = 0;
}

void proxy::run() {
  while (!stops_) {
    std::vector<pollfd> waited{{listener_.get(), POLLIN, 0}};
    for (auto& line : lines_) {
      const bool still = stalls_ || (stalls_some_ && line.odd);
      waited.push_back({still ? -1 : line.near.get(), POLLIN, 0});
      waited.push_back({still ? -1 : line.far.get(), POLLIN, 0});
    }
    ::poll(waited.data(), waited.size(), 5);
    std::size_t i = 1;
    for (auto& line : lines_) {
      if (ready(waited[i]))
        from_near(line);
      if (ready(waited[i + 1]))
        from_far(line);
      i += 2;
      turn(line);
    }
    lines_.remove_if([](const line& one) { return one.dead; });
    if (ready(waited[0]))
      accept();
  }
}

void proxy::accept() {
  line next;
  next.near = test::descriptor{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (next.near.get() < 0 || refuses_ || (flickers_ && dice_.chance(0.5)))
    return;
  next.far = test::descriptor{new_socket(0)};
  auto where = local(to_);
  if (::connect(next.far.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    return;
  for (auto* end : {&next.near, &next.far}) {
    int on = 1;
    ::setsockopt(end->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  next.odd = odd_ = !odd_;
  lines_.push_back(std::move(next));
}

void proxy::turn(line& on) {
  if (on.dead)
    return;
  if (refuses_ || (flickers_ && dice_.chance(0.02)))
    on.dead = true;
  if (stalls_ || (stalls_some_ && on.odd))
    return;
  if (on.next == fate::late) {
    if (clock::now() < on.at)
      return;
    if (on.to_far.empty()) { // it was sent a while ago
      on.dead = true;
      return;
    }
    if (!give(on.far, on.to_far))
      on.dead = true;
    on.at = clock::now() + 500ms;
    return;
  }
  if (!give(on.far, on.to_far) || (on.near.get() >= 0 && !give(on.near, on.to_near)))
    on.dead = true;
}

void proxy::from_near(line& on) {
  auto bytes = take(on.near);
  if (!bytes) {
    // What the hub sent before it died still arrives.
    if (!give(on.far, on.to_far) || on.next == fate::none)
      on.dead = true;
    return;
  }
  const bool commits = bytes->find("commit") != bytes->npos;
  const bool inserts = bytes->find("{\"o\":0,") != bytes->npos;
  if (cuts_ > 0 && on.next == fate::none && (commits || (inserts && dice_.chance(0.5)))) {
    --cuts_;
    ++cuts_done_;
    cut(on, *bytes);
  } else {
    on.to_far += *bytes;
  }
}

void proxy::from_far(line& on) {
  auto bytes = take(on.far);
  if (!bytes || on.next == fate::swallow) {
    on.dead = true;
    return;
  }
  if (on.next == fate::none)
    on.to_near += *bytes;
}

void proxy::cut(line& on, const std::string& bytes) {
  switch (dice_.between(0, 4)) {
  case 0:
    on.dead = true;
    return;
  case 1:
    on.to_far += bytes.substr(0, bytes.size() / 2);
    give(on.far, on.to_far);
    on.dead = true;
    return;
  case 2:
    on.to_far += bytes;
    on.next = fate::swallow;
    return;
  case 3:
    on.to_far += bytes;
    give(on.far, on.to_far);
    on.dead = true;
    return;
  default:
    on.to_far += bytes;
    on.next = fate::late;
    on.at = clock::now() + std::chrono::milliseconds{dice_.between(5, 900)};
    cut_near(on);
  }
}

void proxy::cut_near(line& on) {
  if (dice_.chance(0.5)) {
    linger hard{1, 0};
    ::setsockopt(on.near.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  on.near.close();
}

} // namespace torture
