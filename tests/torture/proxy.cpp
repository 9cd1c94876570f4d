// One thread with poll(2), which looks at every connection at least every 5 ms, so that no timers
// are needed.
#include "tests/torture/proxy.hpp"

#include <sys/socket.h>
#include <vector>

namespace torture {

using namespace std::chrono_literals;

proxy::proxy(std::uint16_t to, std::uint64_t seed) : to_{to}, random_{seed, 1'000'000} {
  listener_.emplace(port_.number());
  thread_ = std::thread{&proxy::run, this};
}

proxy::~proxy() {
  stops_ = true;
  thread_.join();
}

void proxy::heal() {
  stalls_ = stalls_some_ = refuses_ = flickers_ = false;
  cuts_ = 0;
  held_ = hold::none;
}

void proxy::run() {
  while (!stops_) {
    if (listens_ != listener_.has_value())
      listens_ ? void(listener_.emplace(port_.number())) : listener_.reset();
    std::vector<pollfd> waited{{listener_ ? listener_->socket().get() : -1, POLLIN, 0}};
    for (auto& each : relays_) {
      const bool still = stalls_ || (stalls_some_ && each.odd);
      waited.push_back({still ? -1 : each.hub.get(), POLLIN, 0});
      waited.push_back({still ? -1 : each.server.get(), POLLIN, 0});
    }
    ::poll(waited.data(), waited.size(), 5);
    const bool loses = loses_listeners_.exchange(false);
    std::size_t i = 1;
    for (auto& each : relays_) {
      if (ready(waited[i]))
        from_hub(each);
      if (ready(waited[i + 1]))
        from_server(each);
      i += 2;
      if (loses && each.listens)
        each.next = fate::lost;
      deliver(each);
    }
    relays_.remove_if([](const relay& one) { return one.dead; });
    if (ready(waited[0]))
      accept();
  }
}

void proxy::accept() {
  relay next;
  next.hub = listener_->accept();
  if (next.hub.get() < 0 || refuses_ || (flickers_ && random_.chance(0.5)))
    return;
  next.server = dial(to_);
  if (next.server.get() < 0)
    return;
  set_no_delay(next.hub);
  set_no_delay(next.server);
  next.odd = odd_ = !odd_;
  relays_.push_back(std::move(next));
}

void proxy::deliver(relay& on) {
  if (on.dead)
    return;
  if (refuses_ || (flickers_ && random_.chance(0.02)))
    on.dead = true;
  if (stalls_ || (stalls_some_ && on.odd))
    return;
  if (on.next == fate::lost)
    return;
  if (on.next == fate::held) {
    if (held_ == hold::done)
      return;
    on.next = on.hub.get() < 0 ? fate::late : fate::none;
  }
  if (on.next == fate::late) {
    if (clock::now() < on.at)
      return;
    if (on.to_server.empty()) { // the commit was sent 500 ms ago
      on.dead = true;
      return;
    }
    if (!give(on.server, on.to_server))
      on.dead = true;
    on.at = clock::now() + 500ms;
    return;
  }
  if (!give(on.server, on.to_server) || (on.hub.get() >= 0 && !give(on.hub, on.to_hub)))
    on.dead = true;
}

void proxy::from_hub(relay& on) {
  auto bytes = take(on.hub);
  if (!bytes && on.next == fate::held) {
    on.hub.close();
    return;
  }
  if (!bytes) {
    // What the hub sent before it ended still reaches the server.
    if (!give(on.server, on.to_server) || on.next == fate::none || on.next == fate::lost)
      on.dead = true;
    return;
  }
  if (on.next == fate::lost)
    return;
  on.listens |= bytes->find("listen hubbub") != bytes->npos;
  const bool commits = bytes->find("commit") != bytes->npos;
  const bool inserts = bytes->find("{\"o\":0,") != bytes->npos;
  if (commits && on.next == fate::none && held_ == hold::wanted) {
    held_ = hold::done;
    on.to_server += *bytes;
    on.next = fate::held;
  } else if (cuts_ > 0 && on.next == fate::none && (commits || (inserts && random_.chance(0.5)))) {
    --cuts_;
    ++cuts_done_;
    cut(on, *bytes);
  } else {
    on.to_server += *bytes;
  }
}

void proxy::from_server(relay& on) {
  auto bytes = take(on.server);
  if (!bytes && on.next == fate::lost) {
    on.server.close();
    return;
  }
  if (!bytes || on.next == fate::swallow) {
    on.dead = true;
    return;
  }
  if (on.next == fate::none)
    on.to_hub += *bytes;
}

void proxy::cut(relay& on, const std::string& bytes) {
  switch (random_.between(0, 4)) {
  case 0:
    on.dead = true;
    return;
  case 1:
    on.to_server += bytes.substr(0, bytes.size() / 2);
    give(on.server, on.to_server);
    on.dead = true;
    return;
  case 2:
    on.to_server += bytes;
    on.next = fate::swallow;
    return;
  case 3:
    on.to_server += bytes;
    give(on.server, on.to_server);
    on.dead = true;
    return;
  default:
    on.to_server += bytes;
    on.next = fate::late;
    on.at = clock::now() + std::chrono::milliseconds{random_.between(5, 900)};
    cut_hub(on);
  }
}

void proxy::cut_hub(relay& on) {
  if (random_.chance(0.5)) {
    linger hard{1, 0};
    ::setsockopt(on.hub.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  on.hub.close();
}

} // namespace torture
