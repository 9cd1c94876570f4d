#include "net/places.hpp"

namespace hubbub {

namespace {

namespace http = boost::beast::http;

} // namespace

std::optional<places::refusal> places::enter(account& from) {
  const std::lock_guard guard(mutex_);
  if (taken_ >= limits_.connections)
    return refusal{http::status::service_unavailable, "There are too many connections"};
  if (limits_.memory->level() == pressure::full)
    return refusal{http::status::service_unavailable, "There is no memory for more connections"};
  if (from.connections >= from.limits().connections)
    return refusal{http::status::too_many_requests,
                   "There are too many connections from this address"};
  ++from.connections;
  ++taken_;
  return {};
}

void places::leave(account& from) {
  const std::lock_guard guard(mutex_);
  --from.connections;
  --taken_;
}

} // namespace hubbub
