// What a hub has done since it began, in numbers: what every layer adds to.
// Knows: what is counted. Must not know: who asks, or how it is shown.
#pragma once

#include "storage/message.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hubbub {

/// Whose places in a table of numbers are what. A time takes `time_slots` of them.
namespace figure {

inline constexpr std::array<std::string_view, 14> codes{
    "bad_json", "not_object", "no_type", "unknown_type", "no_text", "empty",      "too_long",
    "nul",      "surrogate",  "bad_key", "too_fast",     "busy",    "unstorable", "other"};

/// 1005: closed without a code, 1006: without a close frame (RFC 6455, section 7.4.1). 0: any
/// other.
inline constexpr std::array<std::uint16_t, 12> closes{1000, 1001, 1002, 1003, 1005, 1006,
                                                      1007, 1008, 1009, 1012, 4401, 0};

/// What there was too much of from one address: requests, WebSockets at once, other sockets at
/// once.
inline constexpr std::array<std::string_view, 3> excesses{"opens", "connections", "sockets"};

inline constexpr std::size_t time_bounds = 18, time_slots = time_bounds + 2;

enum slot : std::size_t {
  accepted,                          ///< Messages.
  stored,                            ///< Messages, by this hub.
  found,                             ///< Accepted messages that were in the log already.
  delivered,                         ///< Messages that were written to a socket, once for each.
  sent_bytes,                        ///< All bytes that were written to WebSockets.
  away,                              ///< Calls of the log that failed.
  retries,                           ///< Tries after such a failure.
  past_pages,                        ///< Of the log, for those who are behind the hot tail.
  past_rows,                         ///< In those pages.
  log_lost,                          ///< Lines of the log that standard output did not take.
  refused,                           ///< Frames, one slot a code.
  closed = refused + codes.size(),   ///< Connections, one slot a code.
  excess = closed + closes.size(),   ///< Of one address, one slot a kind.
  commit = excess + excesses.size(), ///< Time of a batch.
  delivery = commit + time_slots,    ///< Time from a publication to the end of its writing.
  slots = delivery + time_slots,
};

/// The upper bound of a time's bucket, in seconds: 62.5 µs and its doublings, up to 8 s. The slot
/// behind the last bound's is for what took longer, and the one behind that is the sum in ns.
constexpr double bound(std::size_t bucket) {
  return 62.5e-6 * double(std::uint64_t{1} << bucket);
}

} // namespace figure

/// The numbers at a moment, or what came to them within a time.
struct tally {
  std::array<std::uint64_t, figure::slots> at{};

  std::uint64_t operator[](std::size_t slot) const { return at[slot]; }
  tally operator-(const tally& before) const;

  /// How many times, and the time that a share of them kept to, in seconds; guessed within a
  /// bucket. Negative: there were none.
  std::uint64_t times(figure::slot time) const;
  double quantile(figure::slot time, double share) const;
};

/// Any thread adds at any time. Each adds to lines of memory that are its own, or nearly so;
/// whoever asks sums them up. An addition costs some nanoseconds: it is made for a batch or a
/// round, never for one delivery.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the lines are apart on purpose
class figures {
public:
  void add(figure::slot what, std::uint64_t much = 1) {
    mine()[what].fetch_add(much, std::memory_order_relaxed);
  }
  void add_time(figure::slot what, std::chrono::nanoseconds took, std::uint64_t times = 1);
  void add_refused(std::string_view code);
  void add_closed(std::uint16_t code);
  void add_excess(std::string_view kind);

  tally sum() const;

  /// Numbers connections, from 1 on.
  std::uint64_t open() { return opened_.fetch_add(1, std::memory_order_relaxed) + 1; }
  std::uint64_t opened() const { return opened_.load(std::memory_order_relaxed); }

  /// The last id that was shown.
  std::atomic<row_id> newest = 0;

private:
  struct alignas(64) sheet : std::array<std::atomic<std::uint64_t>, figure::slots> {};
  static constexpr std::size_t sheets = 16;

  sheet& mine();

  std::array<sheet, sheets> all_{};
  std::atomic<std::uint64_t> opened_ = 0;
};

} // namespace hubbub
