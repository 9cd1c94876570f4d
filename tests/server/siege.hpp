// A hub that is attacked, and honest people in it.
// Knows how what they feel is measured and judged; must not know what the attack is.
#pragma once

#include "tests/server/exposition.hpp"
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
  std::size_t crowd_size;
  double floor_ms;
  std::size_t memory_mebibytes;
};

inline const scale& usual() {
  // An instrumented hub is slower, so an address may do less, and it keeps what is freed. Its crowd
  // is still more than may be at the door.
  static const auto chosen =
      is_instrumented() ? scale{200, 1'500, 10'000, 900} : scale{1'000, 5'000, 100, 200};
  return chosen;
}

/// What may be in the hub's log after so many seconds: some lines of each kind, and then so many in
/// each second.
inline constexpr double log_bytes = 32'768, log_bytes_a_second = 3'072;

inline double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

inline double nth(std::vector<double> all, std::size_t percent) {
  const auto at = all.begin() + std::ptrdiff_t((all.size() - 1) * percent / 100);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

/// A hub with the limits that public addresses have, and honest people of sixteen other addresses,
/// each in a room of their own: what the hub costs them is what the attack costs them.
class siege {
public:
  using steady = std::chrono::steady_clock;

  explicit siege(settings more = {})
      : hub_{db_, [&] {
               more.emplace("RATE_LIMIT", "20");
               more.emplace("RATE_LIMIT_PER_IP", std::to_string(usual().frames_per_address));
               more.emplace("OPENS_PER_IP", std::to_string(opens_per_address));
               more.emplace("MEMORY_LIMIT", std::to_string(usual().memory_mebibytes) + 'M');
               return more;
             }()} {
    for (int i = 0; i < 64; ++i)
      others_.emplace_back(hub_, "?room=quiet" + std::to_string(i),
                           connect_options{.from = "127.0.0." + std::to_string(2 + i % 16)});
    calm_ = measure(3);
  }

  /// Judges what the attack does to the others, once it `stands`. So many milliseconds are borne in
  /// any case, and more where the hub's threads wait for a processor more than they have one.
  void under(attack_plan plan, const std::function<bool(const attack&)>& stands,
             const std::function<void(attack&)>& judge, double borne = usual().floor_ms) {
    attack foe{hub_.port(), std::move(plan)};
    INFO(foe.opened(), " opened, ", foe.answered(), " answered, ", foe.let_in(), " let in, ",
         foe.ended(), " ended");
    eventually("the attack to be under way", 3 * patience, [&] {
      show_life();
      return stands(foe);
    });
    // Others on this machine may make a moment bad, but not each time; an attack that works does.
    auto during = measure(5);
    const auto allowed = [&] { return std::max(2 * calm_.p99, borne * during.slowness); };
    for (int again = 0; again < 4 && during.p99 > allowed(); ++again)
      during = measure(5);
    MESSAGE("p99 ", calm_.p99, " ms, then ", during.p99, "; the hub takes ", during.slowness,
            " times what it runs; ", foe.opened(), " opened, ", foe.let_in(), " let in, ",
            foe.ended(), " ended, ", foe.sent() >> 20, " MiB sent; the hub has ",
            most_memory_ >> 20, " MiB at most and a log of ", hub_.server().log().size());
    record_measurement("p99 of a message beside an attack", std::chrono::duration<double>(borne / 1000),
                std::chrono::duration<double>(during.p99 / 1000));
    CHECK(during.p99 <= allowed());
    CHECK((during.busy == 0 || during.slowness > 3));
    CHECK(most_memory_ < usual().memory_mebibytes << 20);
    CHECK(double(hub_.server().log().size()) < std::max(log_bytes, log_bytes_a_second * seconds()));
    judge(foe);
  }

  /// As many as one address may open in the time that has passed, with twice that in one go.
  double opens_by_now() const { return opens_per_address * (2 + seconds()); }

  /// A number of the hub's own, asked for by one of the others.
  double figure(const std::string& name) const {
    return scrape(hub_, {.from = "127.0.0.30"}).at(name);
  }

  /// Waits until that number is larger.
  void exceeds(const std::string& name, double value) const {
    eventually(name + " to exceed " + std::to_string(value), [&] { return figure(name) > value; });
  }

  /// Until then it is counted: each line is first told a thousand times, which an instrumented hub
  /// takes its time for, and a close waits for its answer some seconds.
  void closes(std::size_t count) const {
    exceeds("hubbub_connections_closed_total{code=\"1008\"}", double(count) - 1);
  }

  void is_healthy() const {
    eventually("health", [&] {
      return fetch(hub_.port(), request{"GET", "/health"}, patience, {.from = "127.0.0.30"})
                 .status == 200;
    });
  }

private:
  struct trips {
    double p99 = 0;      ///< Milliseconds.
    double slowness = 1; ///< The hub's time with a processor and in wait for one, by that with one.
    int busy = 0;        ///< Times that somebody was told to send it again later.
  };

  /// Nanoseconds that the threads of the hub ran, and that they waited for a processor.
  struct processor_time {
    double ran = 0, waited = 0;
  };

  processor_time processors() {
    processor_time all;
    const auto tasks = "/proc/" + std::to_string(hub_.server().pid()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator{tasks}) {
      double ran = 0, waited = 0;
      std::ifstream{task.path() / "schedstat"} >> ran >> waited;
      all.ran += ran, all.waited += waited;
    }
    return all;
  }

  /// The 99th percentile of the round trips of messages: the median of so many windows of 400 ms,
  /// so that one bad moment of the machine is no verdict.
  trips measure(int windows) {
    trips out;
    std::vector<double> all;
    const auto before = processors();
    for (int i = 0; i < windows; ++i) {
      std::vector<double> heard;
      for (const auto end = steady::now() + 400ms; heard.empty() || steady::now() < end;)
        heard.push_back(milliseconds(trip(others_[turn_++ % others_.size()], out.busy)));
      all.push_back(nth(heard, 99));
      most_memory_ = std::max(most_memory_, hub_.resident());
      show_life();
    }
    const auto after = processors();
    out.p99 = nth(all, 50);
    if (after.ran > before.ran)
      out.slowness = 1 + (after.waited - before.waited) / (after.ran - before.ran);
    return out;
  }

  /// A commit of more than a second is the database's absence to the hub; on a busy machine that
  /// may be, and who is told so says it again.
  steady::duration trip(visitor& who, int& busy) {
    const auto began = steady::now();
    for (;;) {
      who.say("hello");
      const auto answer = who.hears_any();
      if (answer["type"] == "message")
        return steady::now() - began;
      if (answer["code"] != "busy")
        throw std::runtime_error{"no message but " + answer.dump()};
      ++busy;
    }
  }

  /// Who is not heard of for a minute is cut, and these hear pings in their turn alone.
  void show_life() {
    if (steady::now() - shown_ < 5s)
      return;
    shown_ = steady::now();
    for (auto& each : others_)
      each.send_frame({opcode::pong, ""});
  }

  double seconds() const { return std::chrono::duration<double>(steady::now() - began_).count(); }

  const steady::time_point began_ = steady::now();
  steady::time_point shown_ = began_;

  sqlite db_;
  hub hub_;
  std::deque<visitor> others_;
  std::size_t turn_ = 0, most_memory_ = 0;
  trips calm_{};
};

} // namespace test
