// Threads of a test that use a hub, or watch it, while the test goes on.
// Knows: how the threads begin, end and report failures. Must not know: what they do.
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

/// A list of failures. It keeps the first ten. *Threads*: any.
class failure_list {
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

/// Repeats a step on its own thread until `stop` or the destructor. The step may throw.
class background_loop {
public:
  template<class Step>
  explicit background_loop(Step step)
      : thread_([step = std::move(step)](const std::stop_token& stop) mutable {
          while (!stop.stop_requested())
            try {
              step();
            } catch (const std::exception&) {
              // The hub may refuse, delay or end a connection.
            }
        }) {}

  void stop() { thread_.request_stop(); }

private:
  std::jthread thread_;
};

/// The largest resident memory of a hub since construction, sampled every 20 ms. The hub must
/// outlive it.
class peak_memory {
public:
  explicit peak_memory(const hub& of)
      : thread_([this, &of](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            peak_ = std::max(peak_.load(), of.resident());
            std::this_thread::sleep_for(20ms);
          }
        }) {}
  std::size_t bytes() const { return peak_; }

private:
  std::atomic<std::size_t> peak_ = 0;
  std::jthread thread_;
};

} // namespace test
