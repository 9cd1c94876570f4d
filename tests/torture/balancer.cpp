// One thread and poll(2), as in the proxy; here nothing is done to the bytes.
#include "tests/torture/balancer.hpp"

#include <sys/socket.h>

namespace torture {

namespace {

constexpr std::size_t most_held = 8192;

/// It is asked to say more only while the other end takes it.
pollfd wanted(const test::descriptor& socket, bool says_more, const std::string& out,
              const std::string& held) {
  const bool reads = says_more && held.size() < most_held;
  const int events = (reads ? POLLIN : 0) | (out.empty() ? 0 : POLLOUT);
  return {events == 0 ? -1 : socket.get(), static_cast<short>(events), 0};
}

} // namespace

balancer::balancer(std::vector<std::uint16_t> hubs, std::uint64_t seed)
    : hubs_{std::move(hubs)}, dice_{seed, 2'000'000}, given_(hubs_.size()) {
  thread_ = std::thread{&balancer::run, this};
}

balancer::~balancer() {
  stops_ = true;
  thread_.join();
}

void balancer::run() {
  while (!stops_) {
    std::vector<pollfd> waited{{listener_.socket().get(), POLLIN, 0}};
    for (auto& [near, far, dead] : lines_) {
      waited.push_back(wanted(near.socket, !near.ended, near.out, far.out));
      waited.push_back(wanted(far.socket, !far.ended, far.out, near.out));
    }
    ::poll(waited.data(), waited.size(), 20);
    std::size_t i = 1;
    for (auto& line : lines_) {
      pass(line.near, ready(waited[i]), line.far, line);
      pass(line.far, ready(waited[i + 1]), line.near, line);
      i += 2;
    }
    lines_.remove_if([](const line& one) { return one.dead; });
    if (ready(waited[0]))
      accept();
  }
}

void balancer::accept() {
  line next;
  next.near.socket = listener_.accept();
  if (next.near.socket.get() < 0)
    return;
  const auto size = dice_.chance(0.5) ? window::tiny : window::normal;
  auto hub = dice_.between<std::size_t>(0, hubs_.size() - 1);
  for (auto left = hubs_.size(); left > 0 && next.far.socket.get() < 0; --left) {
    hub = (hub + 1) % hubs_.size();
    next.far.socket = dial(hubs_[hub], size);
  }
  if (next.far.socket.get() < 0)
    return;
  ++given_[hub];
  for (auto* end : {&next.near, &next.far})
    send_at_once(end->socket);
  lines_.push_back(std::move(next));
}

void balancer::pass(end& from, bool readable, end& to, line& on) {
  if (readable && to.out.size() < most_held) {
    if (auto bytes = take(from.socket, most_held))
      to.out += *bytes;
    else
      from.ended = true;
  }
  if (!give(to.socket, to.out))
    on.dead = true;
  if (from.ended && to.out.empty() && !std::exchange(to.told, true))
    ::shutdown(to.socket.get(), SHUT_WR);
  if (from.told && to.told)
    on.dead = true;
}

} // namespace torture
