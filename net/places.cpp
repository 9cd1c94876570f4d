#include "net/places.hpp"

#include "net/process_figures.hpp"

#include <malloc.h>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

constexpr std::chrono::milliseconds look_every{100};

} // namespace

std::optional<places::refusal> places::enter(const std::string& address) {
  const std::lock_guard guard(mutex_);
  if (taken_ >= limits_.connections)
    return refusal{http::status::service_unavailable, "There are too many connections"};
  if (memory_is_full())
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

bool places::memory_is_full() {
  const auto now = std::chrono::steady_clock::now();
  if (!limits_.memory || now - looked_ < look_every)
    return memory_full_;
  looked_ = now;
  const auto full = [most = limits_.memory / 10 * 9] { return resident_bytes() > most; };
  if (full()) // the allocator keeps what those who left gave back
    ::malloc_trim(0);
  return memory_full_ = full();
}

} // namespace hubbub
