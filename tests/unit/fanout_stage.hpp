// A live fan-out whose sessions are played by the test.
#pragma once

#include "net/websocket/session_subscriptions.hpp"

#include <doctest/doctest.h>

#include <map>

namespace test {

using namespace hubbub;

/// What was written directly, by descriptor. A peer takes at most `takes` bytes of each write.
struct played_sockets {
  static inline std::map<int, std::string> got;
  static inline std::map<int, std::ptrdiff_t> takes;
  static inline int writes = 0;

  static std::ptrdiff_t write(int fd, const char* data, std::size_t size) {
    ++writes;
    const auto at = takes.find(fd);
    const auto most = at == takes.end() ? std::ptrdiff_t(size) : at->second;
    if (most < 0)
      return most;
    const auto taken = std::min(most, std::ptrdiff_t(size));
    got[fd].append(data, std::size_t(taken));
    return taken;
  }
};

/// The descriptor of a session that is never written to directly, as under TLS.
inline constexpr int no_descriptor = -1;

struct played_session final : fanout_member {
  struct offered {
    subscription_ref of;
    std::string bytes;
    row_id shown;
  };

  explicit played_session(session_fanout& live, int descriptor = 7)
      : descriptor(descriptor), subscriptions(*this, live), fanout(live) {}
  ~played_session() {
    fanout.forget(*this);
    subscriptions.leave_all();
  }

  void send_rest(subscription_ref of, const chunk& what, std::size_t written,
                 row_id shown) override {
    rests.push_back({of, what.bytes->substr(written), shown});
    subscriptions.set_busy(true);
  }
  capacity begin_round() override { return {takes, true}; }
  bool exceed(subscription_ref of, const chunk& what, row_id shown) override {
    exceeded.push_back({of, *what.bytes, shown});
    subscriptions.fall_behind();
    return false;
  }
  void flush() override {
    ++flushes;
    fanout.for_each_waiting(*this, [this](const round_queue::queued_chunk& c, subscription_ref of) {
      offers.push_back({of, *c.what.bytes, c.shown});
      return true;
    });
    fanout.clear_waiting(*this);
  }
  int fd() const override { return descriptor; }
  subscription& live_subscription(subscription_ref number) override {
    return *subscriptions.find(number);
  }

  /// Subscribes, and is answered with everything up to `cursor`.
  subscription& enter(subscription_ref number, room_ref room, row_id cursor = 0) {
    subscriptions.add(number, subscription::phase::requested);
    auto& s = *subscriptions.find(number);
    subscriptions.delivered(s, room, {{}, cursor, true});
    return s;
  }

  const int descriptor;
  std::uint32_t takes = 1'000'000; ///< Bytes in a round.
  std::vector<offered> offers, rests, exceeded;
  int flushes = 0;
  session_subscriptions subscriptions;
  session_fanout& fanout;
};

struct fanout_stage {
  fanout_stage() {
    played_sockets::got.clear();
    played_sockets::takes.clear();
    played_sockets::writes = 0;
  }

  std::shared_ptr<memory_budget> memory = std::make_shared<memory_budget>();
  std::shared_ptr<hub_counters> counters = std::make_shared<hub_counters>();
  session_fanout fanout{100, played_sockets::write, memory, counters};

  void publish(room_ref room, std::string bytes, row_id id) {
    fanout.publish({room, encoding::plain}, {make_shared_bytes(std::move(bytes)), id, id, 1,
                                             std::chrono::steady_clock::now()});
  }
};

} // namespace test
