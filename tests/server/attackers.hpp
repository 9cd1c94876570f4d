// Threads of a test that act against a hub, or watch it, while the test goes on.
// Knows: how they begin, end and complain. Must not know: what they do.
#pragma once

#include "tests/support/hub.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

/// Collects what went wrong, from any thread, and keeps the first ten reports.
class complaints {
public:
  void add(const std::string& what) {
    const std::lock_guard guard(mutex_);
    if (all_.size() < 10)
      all_.push_back(what);
  }
  std::string text() const {
    const std::lock_guard guard(mutex_);
    std::string out;
    for (const auto& each : all_)
      out += each + '\n';
    return out;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// Does something again and again on a thread of its own until it is told to stop.
class attacker {
public:
  template<class Act>
  explicit attacker(Act act)
      : thread_([act = std::move(act)](const std::stop_token& enough) mutable {
          while (!enough.stop_requested())
            try {
              act();
            } catch (const std::exception&) {
              // refused, cut or kept waiting: the hub's right
            }
        }) {}

  void stop() { thread_.request_stop(); }

private:
  std::jthread thread_;
};

/// The most memory that a hub had since this was made.
class gauge {
public:
  explicit gauge(const hub& of)
      : thread_([this, &of](const std::stop_token& enough) {
          while (!enough.stop_requested()) {
            most_ = std::max(most_.load(), of.resident());
            std::this_thread::sleep_for(20ms);
          }
        }) {}
  std::size_t most() const { return most_; }

private:
  std::atomic<std::size_t> most_ = 0;
  std::jthread thread_;
};

} // namespace test
