// One thread, poll(2), and a look at everything every few milliseconds, so that nothing needs a
// timer.
#include "tests/torture/proxy.hpp"

#include <sys/socket.h>
#include <vector>

namespace torture {

namespace {

using namespace std::chrono_literals;

} // namespace

proxy::proxy(std::uint16_t to, std::uint64_t seed) : to_{to}, dice_{seed, 1'000'000} {
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
    std::vector<pollfd> waited{{listener_.socket().get(), POLLIN, 0}};
    for (auto& line : lines_) {
      const bool still = stalls_ || (stalls_some_ && line.odd);
      waited.push_back({still ? -1 : line.near.get(), POLLIN, 0});
      waited.push_back({still ? -1 : line.far.get(), POLLIN, 0});
    }
    ::poll(waited.data(), waited.size(), 5);
    const bool loses = loses_listeners_.exchange(false);
    std::size_t i = 1;
    for (auto& line : lines_) {
      if (ready(waited[i]))
        from_near(line);
      if (ready(waited[i + 1]))
        from_far(line);
      i += 2;
      if (loses && line.listens)
        line.next = fate::lost;
      turn(line);
    }
    lines_.remove_if([](const line& one) { return one.dead; });
    if (ready(waited[0]))
      accept();
  }
}

void proxy::accept() {
  line next;
  next.near = listener_.accept();
  if (next.near.get() < 0 || refuses_ || (flickers_ && dice_.chance(0.5)))
    return;
  next.far = dial(to_);
  if (next.far.get() < 0)
    return;
  send_at_once(next.near);
  send_at_once(next.far);
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
  if (on.next == fate::lost)
    return;
  if (on.next == fate::held) {
    if (held_ == hold::done)
      return;
    on.next = on.near.get() < 0 ? fate::late : fate::none;
  }
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
  if (!bytes && on.next == fate::held) {
    on.near.close();
    return;
  }
  if (!bytes) {
    // What the hub sent before it died still arrives.
    if (!give(on.far, on.to_far) || on.next == fate::none || on.next == fate::lost)
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
    on.to_far += *bytes;
    on.next = fate::held;
  } else if (cuts_ > 0 && on.next == fate::none && (commits || (inserts && dice_.chance(0.5)))) {
    --cuts_;
    ++cuts_done_;
    cut(on, *bytes);
  } else {
    on.to_far += *bytes;
  }
}

void proxy::from_far(line& on) {
  auto bytes = take(on.far);
  if (!bytes && on.next == fate::lost) {
    on.far.close();
    return;
  }
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
