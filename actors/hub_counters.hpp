// The counters of one hub process, to which every layer adds.
// Knows: what is counted. Must not know: the readers of the counters, or how they are shown.
#pragma once

#include "actors/refusal_code.hpp"
#include "storage/message.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hubbub {

/// What one client address had too much of: requests, upgrades and TLS handshakes per second;
/// WebSockets at once; other sockets at once.
enum class address_limit : std::uint8_t { opens, connections, sockets };
inline constexpr std::array<std::string_view, 3> address_limit_names{"opens", "connections",
                                                                     "sockets"};

/// How a request that publishes was answered.
enum class publish_answer : std::uint8_t { stored, refused, in_doubt };
inline constexpr std::array<std::string_view, 3> publish_answer_names{"stored", "refused",
                                                                      "in_doubt"};

/// The layout of the table of counters.
namespace counter {

/// Close codes that are counted one by one. 1005: a close frame without a code; 1006: no close
/// frame (RFC 6455, section 7.4.1). 0: any other code.
inline constexpr std::array<std::uint16_t, 13> close_codes{1000, 1001, 1002, 1003, 1005, 1006, 1007,
                                                           1008, 1009, 1012, 1013, 4401, 0};

/// A duration is a histogram of `time_slots` slots: one for each bound, one for longer durations,
/// and the sum in nanoseconds.
inline constexpr std::size_t time_bounds = 18, time_slots = time_bounds + 2;

enum slot : std::size_t {
  accepted,        ///< Messages that were accepted from clients.
  stored,          ///< Messages that this hub stored.
  found,           ///< Accepted messages that were in the log already.
  delivered,       ///< Messages written to sockets, once for each session.
  sent_bytes,      ///< All bytes written to WebSockets.
  log_failures,    ///< Calls of the log that failed.
  retries,         ///< Attempts after such a failure.
  history_pages,   ///< Pages read from the log for cursors behind the hot tail.
  history_rows,    ///< Rows in those pages.
  log_forks,       ///< Forks of the log that were found since it was opened first.
  lost_messages,   ///< Upper bound of the messages of this hub that forks of the log have lost.
  outbox_moved,    ///< Messages that this hub moved from the outbox into the log.
  outbox_repeated, ///< Messages of the outbox that were in the log already.
  outbox_failed,   ///< Messages of the outbox that this hub set aside.
  lost_log_lines,  ///< Log lines that standard output did not take in time.
  refused,         ///< Frames that were refused, one slot for each refusal_code.
  closed = refused + refusal_code_names.size(),     ///< Connections, one slot for each code.
  over_address_limit = closed + close_codes.size(), ///< One slot for each address_limit.
  published = over_address_limit + address_limit_names.size(), ///< One for each publish_answer.
  commit = published + publish_answer_names.size(),            ///< Duration of a batch's commit.
  delivery = commit + time_slots, ///< Duration from a publication to the end of its writing.
  slots = delivery + time_slots,
};

/// The upper bound of a histogram bucket in seconds: 62.5 µs · 2^bucket, up to 8 s.
constexpr double bound(std::size_t bucket) {
  return 62.5e-6 * double(std::uint64_t{1} << bucket);
}

} // namespace counter

/// The values of all counters at one moment, or the difference of two such moments.
struct counter_values {
  std::array<std::uint64_t, counter::slots> at{};

  std::uint64_t operator[](std::size_t slot) const { return at[slot]; }
  counter_values operator-(const counter_values& before) const;

  /// The number of durations in a histogram.
  std::uint64_t times(counter::slot time) const;

  /// The duration in seconds that the given share of all durations did not exceed, interpolated
  /// linearly within its bucket. Returns -1 for an empty histogram.
  double quantile(counter::slot time, double share) const;
};

/// Sixteen copies of the table, each on cache lines of its own, so that up to sixteen
/// threads add without sharing a line; further threads share a copy. `sum` adds the copies up. An
/// addition costs some nanoseconds, so callers add once per batch or round and never once per
/// delivery. Threads: all calls may come from any thread. Lifetime: shared by all layers of the
/// process. Invariant: no counter of the table ever falls. `newest` falls when the log is replaced
/// or has lost rows.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the copies are apart on purpose
class hub_counters {
public:
  void add(counter::slot what, std::uint64_t amount = 1) {
    own_copy()[what].fetch_add(amount, std::memory_order_relaxed);
  }
  void add_time(counter::slot what, std::chrono::nanoseconds took, std::uint64_t times = 1);
  void add_refused(refusal_code code);
  void add_closed(std::uint16_t close_code);
  void add_over_limit(address_limit limit);
  void add_published(publish_answer answer);

  counter_values sum() const;

  /// Returns the number of a new session: 1, 2, 3… over all I/O threads.
  std::uint64_t next_session_id() { return sessions_.fetch_add(1, std::memory_order_relaxed) + 1; }
  std::uint64_t sessions_opened() const { return sessions_.load(std::memory_order_relaxed); }

  /// The head of the log: the id up to which everything was shown, or was in the log when it was
  /// opened. It is stored with release after the messages up to it have been given to the sinks.
  std::atomic<row_id> newest = 0;

private:
  struct alignas(64) table : std::array<std::atomic<std::uint64_t>, counter::slots> {};
  static constexpr std::size_t copies = 16;

  table& own_copy();

  std::array<table, copies> all_{};
  std::atomic<std::uint64_t> sessions_ = 0;
};

} // namespace hubbub
