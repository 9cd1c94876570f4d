// A hub under attack, and the clients of other addresses in it.
// Knows how the effect on those clients is measured and checked. Must not know the attack.
#pragma once

#include "tests/server/exposition.hpp"
#include "tests/server/token_bucket.hpp"
#include "tests/support/attack.hpp"
#include "tests/support/measurements.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

namespace test {

inline constexpr double opens_per_address = 100;

struct scale {
  int frames_per_address;
  std::size_t attackers;
  double allowed_ms;
  std::size_t memory_mebibytes;
};

inline const scale& test_scale() {
  // A hub with a sanitizer is slower, so its limits are lower, and its allocator does not return
  // memory. Its attack still has more connections than may wait for a request.
  static const auto chosen =
      is_instrumented() ? scale{200, 1'500, 10'000, 900} : scale{1'000, 5'000, 100, 200};
  return chosen;
}

/// The bounds of the hub's log: its size at first, and its growth in a second.
inline constexpr double log_bytes = 32'768, log_bytes_a_second = 3'072;

inline double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

inline double percentile(std::vector<double> all, std::size_t percent) {
  const auto at = all.begin() + std::ptrdiff_t((all.size() - 1) * percent / 100);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

/// A hub with the limits of public addresses, and 64 clients of 16 other addresses, the bystanders.
/// Each is alone in its room, so a slower message is an effect of the attack alone.
class attacked_hub {
public:
  using steady = std::chrono::steady_clock;

  explicit attacked_hub(settings more = {})
      : hub_{db_, [&] {
               // Four bystanders share an address. They send as fast as the hub answers.
               more.emplace("RATE_LIMIT", std::to_string(test_scale().frames_per_address / 4));
               more.emplace("RATE_LIMIT_PER_IP", std::to_string(test_scale().frames_per_address));
               more.emplace("OPENS_PER_IP", std::to_string(opens_per_address));
               more.emplace("MEMORY_LIMIT", std::to_string(test_scale().memory_mebibytes) + 'M');
               return more;
             }()} {
    for (int i = 0; i < 64; ++i)
      bystanders_.emplace_back(hub_, "?room=quiet" + std::to_string(i),
                               connect_options{.from = "127.0.0." + std::to_string(2 + i % 16)});
    before_attack_ = measure(3);
  }

  /// Runs the attack, waits until it `is_under_way` and checks its effect on the bystanders. The
  /// p99 of their messages may be `allowed_ms`, and more where the hub's threads wait for a
  /// processor.
  void attack_with(attack_plan plan, const std::function<bool(const attack&)>& is_under_way,
                   const std::function<void(attack&)>& check,
                   double allowed_ms = test_scale().allowed_ms) {
    attack attacker{hub_.port(), std::move(plan)};
    INFO(attacker.opened(), " opened, ", attacker.answered(), " answered, ", attacker.upgraded(),
         " let in, ", attacker.ended(), " ended");
    eventually("the attack to be under way", 3 * patience, [&] {
      send_pongs();
      return is_under_way(attacker);
    });
    // Another program on this machine may slow down one measurement, but not all; a successful
    // attack does.
    auto during = measure(5);
    const auto allowed = [&] {
      return std::max(2 * before_attack_.p99, allowed_ms * during.slowness);
    };
    for (int again = 0; again < 4 && during.p99 > allowed(); ++again)
      during = measure(5);
    MESSAGE("p99 ", before_attack_.p99, " ms, then ", during.p99, "; the hub takes ",
            during.slowness, " times what it runs; ", attacker.opened(), " opened, ",
            attacker.upgraded(), " let in, ", attacker.ended(), " ended, ", attacker.sent() >> 20,
            " MiB sent; the hub has ", most_memory_ >> 20, " MiB at most and a log of ",
            hub_.server().log().size());
    record_measurement("p99 of a message during an attack",
                       std::chrono::duration<double>(allowed_ms / 1000),
                       std::chrono::duration<double>(during.p99 / 1000));
    CHECK(during.p99 <= allowed());
    CHECK((during.busy_answers == 0 || during.slowness > 3));
    CHECK(most_memory_ < test_scale().memory_mebibytes << 20);
    CHECK(double(hub_.server().log().size()) < std::max(log_bytes, log_bytes_a_second * seconds()));
    check(attacker);
  }

  /// The number of connections that one address may have opened until now.
  double opens_by_now() const { return test::allowed(opens_per_address, began_); }

  /// The value of a metric of the hub, as another address reads it.
  double metric(const std::string& name) const {
    return scrape(hub_, {.from = "127.0.0.30"}).at(name);
  }

  /// Waits until a metric is larger than `value`.
  void wait_until_above(const std::string& name, double value) const {
    eventually(name + " to exceed " + std::to_string(value), [&] { return metric(name) > value; });
  }

  /// Waits until the hub has closed that many connections with 1008. The hub first sends each of
  /// them 1000 errors, and then waits some seconds for the answer to its close.
  void wait_for_closes(std::size_t count) const {
    wait_until_above("hubbub_connections_closed_total{code=\"1008\"}", double(count) - 1);
  }

  void wait_until_healthy() const {
    eventually("/health to answer 200", [&] {
      return fetch(hub_.port(), request{"GET", "/health"}, patience, {.from = "127.0.0.30"})
                 .status == 200;
    });
  }

private:
  struct round_trips {
    double p99 = 0;       ///< In milliseconds.
    double slowness = 1;  ///< (run time + wait for a processor) / run time, of the hub's threads.
    int busy_answers = 0; ///< How often the hub asked a bystander to send again later.
  };

  /// The nanoseconds that all threads of the hub ran and waited for a processor
  /// (/proc/PID/task/TID/schedstat).
  struct thread_times {
    double ran = 0, waited = 0;
  };

  thread_times cpu_time() {
    thread_times all;
    const auto tasks = "/proc/" + std::to_string(hub_.server().pid()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator{tasks}) {
      double ran = 0, waited = 0;
      std::ifstream{task.path() / "schedstat"} >> ran >> waited;
      all.ran += ran, all.waited += waited;
    }
    return all;
  }

  /// The p99 of the round-trip times of messages: the median of several windows of 400 ms, so that
  /// one slow moment of the machine does not count.
  round_trips measure(int windows) {
    round_trips out;
    std::vector<double> all;
    const auto before = cpu_time();
    for (int i = 0; i < windows; ++i) {
      std::vector<double> times;
      for (const auto end = steady::now() + 400ms; times.empty() || steady::now() < end;)
        times.push_back(milliseconds(
            round_trip(bystanders_[next_bystander_++ % bystanders_.size()], out.busy_answers)));
      all.push_back(percentile(times, 99));
      most_memory_ = std::max(most_memory_, hub_.resident());
      send_pongs();
    }
    const auto after = cpu_time();
    out.p99 = percentile(all, 50);
    if (after.ran > before.ran)
      out.slowness = 1 + (after.waited - before.waited) / (after.ran - before.ran);
    return out;
  }

  /// Sends a message and waits until it arrives. The hub takes a commit of more than a second for
  /// an outage and answers `busy`; then the bystander sends the message again.
  steady::duration round_trip(visitor& bystander, int& busy_answers) {
    const auto began = steady::now();
    for (;;) {
      bystander.say("hello");
      const auto answer = bystander.hears_any();
      if (answer["type"] == "message")
        return steady::now() - began;
      if (answer["code"] != "busy")
        throw std::runtime_error{"no message but " + answer.dump()};
      ++busy_answers;
    }
  }

  /// Sends unasked pongs, because the hub closes a connection that sends nothing for a minute. A
  /// bystander answers pings only while it reads.
  void send_pongs() {
    if (steady::now() - last_pongs_ < 5s)
      return;
    last_pongs_ = steady::now();
    for (auto& each : bystanders_)
      each.send_frame({opcode::pong, ""});
  }

  double seconds() const { return std::chrono::duration<double>(steady::now() - began_).count(); }

  const steady::time_point began_ = steady::now();
  steady::time_point last_pongs_ = began_;

  sqlite db_;
  hub hub_;
  std::deque<visitor> bystanders_;
  std::size_t next_bystander_ = 0, most_memory_ = 0;
  round_trips before_attack_{};
};

} // namespace test
