// The sessions of one I/O thread that end at a time of the system clock, when their tokens expire.
// Knows: references and times. Must not know: sessions, tokens.
#pragma once

#include "actors/session_sink.hpp"

#include <chrono>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Tokens expire by the system clock, which may be set back or forward, so no timer can replace the
/// check of all entries. Threads: all calls on the I/O thread.
class expiry_list {
public:
  using clock = std::chrono::system_clock;

  void add(session_ref ref, clock::time_point when) { all_[ref] = when; }
  void remove(session_ref ref) { all_.erase(ref); }

  /// Removes the sessions whose time has come, and returns them.
  std::vector<session_ref> take_expired(clock::time_point now) {
    std::vector<session_ref> out;
    for (const auto& [ref, when] : all_)
      if (now >= when)
        out.push_back(ref);
    for (const auto ref : out)
      all_.erase(ref);
    return out;
  }

private:
  std::unordered_map<session_ref, clock::time_point> all_;
};

} // namespace hubbub
