// One thread and poll(2), as in the proxy, but the bytes pass unchanged.
#include "tests/torture/balancer.hpp"

#include <sys/socket.h>

namespace torture {

namespace {

constexpr std::size_t most_held = 8192;

/// Reads from one end only while the other end takes what was read.
pollfd wanted(const test::descriptor& socket, bool more, const std::string& out,
              const std::string& held) {
  const bool reads = more && held.size() < most_held;
  const int events = (reads ? POLLIN : 0) | (out.empty() ? 0 : POLLOUT);
  return {events == 0 ? -1 : socket.get(), static_cast<short>(events), 0};
}

} // namespace

balancer::balancer(std::vector<std::uint16_t> hubs, std::uint64_t seed)
    : hubs_{std::move(hubs)}, random_{seed, 2'000'000}, accepted_(hubs_.size()) {
  thread_ = std::thread{&balancer::run, this};
}

balancer::~balancer() {
  stops_ = true;
  thread_.join();
}

void balancer::run() {
  while (!stops_) {
    std::vector<pollfd> waited{{listener_.socket().get(), POLLIN, 0}};
    for (auto& [client, hub, dead] : relays_) {
      waited.push_back(wanted(client.socket, !client.ended, client.out, hub.out));
      waited.push_back(wanted(hub.socket, !hub.ended, hub.out, client.out));
    }
    ::poll(waited.data(), waited.size(), 20);
    std::size_t i = 1;
    for (auto& each : relays_) {
      pass(each.client, ready(waited[i]), each.hub, each);
      pass(each.hub, ready(waited[i + 1]), each.client, each);
      i += 2;
    }
    relays_.remove_if([](const relay& one) { return one.dead; });
    if (ready(waited[0]))
      accept();
  }
}

void balancer::accept() {
  relay next;
  next.client.socket = listener_.accept();
  if (next.client.socket.get() < 0)
    return;
  const auto size = random_.chance(0.5) ? receive_window::tiny : receive_window::normal;
  auto hub = random_.between<std::size_t>(0, hubs_.size() - 1);
  for (auto left = hubs_.size(); left > 0 && next.hub.socket.get() < 0; --left) {
    hub = (hub + 1) % hubs_.size();
    next.hub.socket = dial(hubs_[hub], size);
  }
  if (next.hub.socket.get() < 0)
    return;
  ++accepted_[hub];
  for (auto* end : {&next.client, &next.hub})
    set_no_delay(end->socket);
  relays_.push_back(std::move(next));
}

void balancer::pass(end& from, bool readable, end& to, relay& on) {
  if (readable && to.out.size() < most_held) {
    if (auto bytes = take(from.socket, most_held))
      to.out += *bytes;
    else
      from.ended = true;
  }
  if (!give(to.socket, to.out))
    on.dead = true;
  if (from.ended && to.out.empty() && !std::exchange(to.shutdown_sent, true))
    ::shutdown(to.socket.get(), SHUT_WR);
  if (from.shutdown_sent && to.shutdown_sent)
    on.dead = true;
}

} // namespace torture
