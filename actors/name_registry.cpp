#include "actors/name_registry.hpp"

#include <algorithm>

namespace hubbub {

namespace {

/// Returns the text under which a skeleton is kept. Skeletons at different places differ.
std::string placed(const name_skeletons& all, std::size_t at) {
  return char('0' + at) + all[at];
}

std::size_t mixed(std::size_t seed, const void* address) {
  // the golden ratio spreads addresses, whose low bits are equal
  return (seed ^ std::size_t(address)) * 0x9e3779b97f4a7c15 >> 7;
}

template<class Map, class Key>
bool count_down(Map& map, const Key& key) {
  const auto at = map.find(key);
  if (--at->second > 0)
    return false;
  map.erase(at);
  return true;
}

} // namespace

std::size_t name_registry::hash::operator()(const place& what) const {
  return mixed(mixed(0, what.room), what.skeleton);
}

std::size_t name_registry::hash::operator()(const bearer& what) const {
  return mixed((*this)(what.at), what.person);
}

bool name_registry::rename(const name_bearer* from, const name_bearer& to, rooms in) {
  const mutex_lock lock(mutex_);
  if (from) // so that the connection's own old name does not block the new one
    for (const auto room : in)
      leave(*from, room);
  const bool taken = std::any_of(
      in.begin(), in.end(), [&](auto room) HUBBUB_REQUIRES(mutex_) { return is_taken(to, room); });
  const auto* const now = taken ? from : &to;
  if (now)
    for (const auto room : in)
      enter(*now, room);
  return !taken;
}

void name_registry::add(const name_bearer& who, rooms to) {
  const mutex_lock lock(mutex_);
  for (const auto room : to)
    enter(who, room);
}

void name_registry::remove(const name_bearer& who, rooms from) {
  const mutex_lock lock(mutex_);
  for (const auto room : from)
    leave(who, room);
}

bool name_registry::empty() const {
  const mutex_lock lock(mutex_);
  return texts_.empty() && persons_.empty() && connections_.empty();
}

name_registry::text name_registry::take(const std::string& what) {
  const auto at = texts_.try_emplace(what).first;
  ++at->second;
  return &at->first;
}

name_registry::text name_registry::find(const std::string& what) const {
  const auto at = texts_.find(what);
  return at == texts_.end() ? nullptr : &at->first;
}

void name_registry::release(text what) {
  count_down(texts_, *what);
}

void name_registry::enter(const name_bearer& who, std::string_view room) {
  for (std::size_t i = 0; i < who.skeletons.size(); ++i) {
    const place at{take(std::string(room)), take(placed(who.skeletons, i))};
    if (++connections_[{at, take(who.person)}] == 1)
      ++persons_[at];
  }
}

void name_registry::leave(const name_bearer& who, std::string_view room) {
  for (std::size_t i = 0; i < who.skeletons.size(); ++i) {
    const place at{find(std::string(room)), find(placed(who.skeletons, i))};
    const auto* const person = find(who.person);
    if (count_down(connections_, bearer{at, person}))
      count_down(persons_, at);
    release(at.room);
    release(at.skeleton);
    release(person);
  }
}

bool name_registry::is_taken(const name_bearer& who, std::string_view room) const {
  const auto* const where = find(std::string(room));
  const auto* const person = find(who.person);
  for (std::size_t i = 0; i < who.skeletons.size(); ++i) {
    const place at{where, find(placed(who.skeletons, i))};
    const auto found = persons_.find(at);
    if (found == persons_.end())
      continue;
    const std::uint32_t own = connections_.contains({at, person}) ? 1 : 0;
    if (found->second > own)
      return true;
  }
  return false;
}

} // namespace hubbub
