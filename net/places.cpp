#include "net/places.hpp"

namespace hubbub {

namespace {

namespace http = boost::beast::http;

} // namespace

std::optional<places::refusal> places::enter(const std::string& address) {
  const std::lock_guard guard(mutex_);
  if (taken_ >= limits_.connections)
    return refusal{http::status::service_unavailable, "There are too many connections"};
  if (limits_.memory->level() == pressure::full)
    return refusal{http::status::service_unavailable, "There is no memory for more connections"};
  if (limits_.per_address) {
    auto& count = by_address_[address];
    if (count >= limits_.per_address)
      return refusal{http::status::too_many_requests,
                     "There are too many connections from this address"};
    ++count;
  }
  ++taken_;
  return {};
}

void places::leave(const std::string& address) {
  const std::lock_guard guard(mutex_);
  if (const auto at = by_address_.find(address); at != by_address_.end() && --at->second == 0)
    by_address_.erase(at);
  --taken_;
}

} // namespace hubbub
