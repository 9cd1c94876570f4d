// The number of requests whose answers a stop waits for.
// Knows: methods that only read. Must not know: what a request asks for.
#pragma once

#include <boost/beast/http/verb.hpp>

#include <atomic>

namespace hubbub {

/// Counts a request that may change something, for as long as the object lives. Methods that only
/// read (RFC 9110, section 9.2.1) do not count. `in` outlives the object.
class unanswered_request {
public:
  unanswered_request(std::atomic<int>& in, boost::beast::http::verb method)
      : in_(is_safe(method) ? nullptr : &in) {
    if (in_)
      ++*in_;
  }
  ~unanswered_request() {
    if (in_)
      --*in_;
  }
  unanswered_request(const unanswered_request&) = delete;

private:
  static bool is_safe(boost::beast::http::verb method) {
    using boost::beast::http::verb;
    return method == verb::get || method == verb::head || method == verb::options;
  }

  std::atomic<int>* const in_;
};

} // namespace hubbub
