// What a client does where some of the hubs are older ones, which do not know `data`.
#include "tests/torture/client.hpp"

namespace torture {

using older = hub_versions::older;

/// The port of the next connection. Where there are older hubs, the client connects to a hub
/// itself, so that it knows the version.
std::uint16_t client::choose_hub() {
  auto& versions = shared_.versions;
  if (versions.slots() == 0)
    return shared_.port;
  slot_ = random_.between<std::size_t>(0, versions.slots() - 1);
  knows_data_ = versions.is_newer(slot_);
  return versions.port(slot_);
}

/// If the hub in the slot has changed meanwhile, either one may have answered.
void client::connected() {
  for (auto& [index, due] : unacked_)
    record_.posts[static_cast<std::size_t>(index)].unanswered = 0;
  if (shared_.versions.slots() == 0)
    return;
  knows_data_ = knows_data_ && shared_.versions.is_newer(slot_);
  shared_.found.count("connections to hub " + std::to_string(slot_ + 1));
  shared_.found.count(knows_data_ ? "connections to a newer hub" : "connections to an older hub");
}

/// An older hub would store the message without its data.
bool client::may_send(const post& what) const {
  return what.data.empty() || knows_data_;
}

void client::sent(post& what) {
  if (what.unanswered++ == 0)
    what.asked = shared_.versions.now();
}

/// While an older hub lives, and every newer hub knows it, a message with data is refused.
void client::check_stored(post& what) {
  const auto first = what.unanswered > 0 ? what.asked : hub_versions::answer{older::unsure};
  what.unanswered = 0;
  if (what.data.empty())
    return;
  shared_.found.count("messages with data, acknowledged");
  if (first.state == older::lives && first == shared_.versions.now())
    shared_.found.violation("key " + what.key +
                            " has data, and was stored while an older hub lives");
}

/// While no older hub lives, and every newer hub knows it, no message is refused for one.
void client::check_refused(post& what, const std::string& code) {
  const auto first = what.unanswered > 0 ? what.asked : hub_versions::answer{older::unsure};
  what.unanswered = std::max(what.unanswered - 1, 0);
  if (code != "upgrading")
    return;
  if (what.data.empty())
    shared_.found.violation("key " + what.key + " has no data, and was refused as upgrading");
  if (first.state == older::gone && first == shared_.versions.now())
    shared_.found.violation("key " + what.key + " was refused as upgrading by newer hubs alone");
}

} // namespace torture
