// The budget of the memory that grows with the hub's use: the pressure that the process is under,
// and the share that each part may take.
// Knows: a limit, a level, shares. Must not know: how memory is measured, or the reaction of the
// parts.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// How close the process is to its memory limit. Each level includes the measures of the levels
/// before it.
enum class pressure : std::uint8_t {
  calm,
  shed,  ///< Caches are dropped: the hot tails of rooms.
  tight, ///< Slow readers leave the live fan-out, and sessions read only small windows of frames.
  full,  ///< New connections are refused.
};
inline constexpr std::array<std::string_view, 4> pressure_names{"calm", "shed", "tight", "full"};

/// Without a limit (0) the level stays calm and every share is the usual one.
/// Threads: all calls may come from any thread, and all members are atomic or
/// constant. Lifetime: shared by the
/// hub, the I/O threads and every buffer that counts in a gauge. Invariant: each gauge is the sum
/// of the gauge_shares that were made of it.
class memory_budget {
public:
  /// A number of bytes.
  using gauge = std::atomic<std::int64_t>;

  explicit memory_budget(std::size_t limit = 0) : limit_(limit) {}

  std::size_t limit() const { return limit_; }

  pressure level() const { return level_.load(std::memory_order_relaxed); }
  void set(pressure now) { level_.store(now, std::memory_order_relaxed); }

  /// Returns the bytes that a part may take: `usual` without a limit. Else at most
  /// `limit / divisor`, but not less than `least`, and never more than `usual`. A share bounds what
  /// could grow faster than the level is measured.
  std::size_t share(std::size_t usual, std::size_t divisor, std::size_t least = 1) const {
    return limit_ ? std::max(std::min(usual, limit_ / divisor), std::min(usual, least)) : usual;
  }

  gauge tails = 0;    ///< Bytes in hot tails of rooms.
  gauge history = 0;  ///< Bytes from the log that are encoded for one reader and not yet written.
  gauge outboxes = 0; ///< Bytes that wait for readers; a shared message counts once per reader.
  gauge frames = 0;   ///< Bytes of large frames that are read and not yet complete.

private:
  const std::size_t limit_;
  std::atomic<pressure> level_ = pressure::calm;
};

/// The part of a gauge that one owner counts. The destructor takes it off the gauge.
/// Threads: may be used by one thread at a time. Lifetime: the gauge outlives the share.
class gauge_share {
public:
  /// Counts nothing if the gauge is null.
  explicit gauge_share(memory_budget::gauge* of) : of_(of) {}
  ~gauge_share() { set(0); }
  gauge_share(const gauge_share&) = delete;

  void set(std::size_t bytes) {
    if (of_ && bytes != bytes_)
      of_->fetch_add(std::int64_t(bytes) - std::int64_t(bytes_), std::memory_order_relaxed);
    bytes_ = bytes;
  }

private:
  memory_budget::gauge* const of_;
  std::size_t bytes_ = 0;
};

/// Returns the bytes, which count in the gauge `history` of `in` until their last copy is
/// destroyed.
inline std::shared_ptr<const std::string> count_history_bytes(std::shared_ptr<memory_budget> in,
                                                              std::string bytes) {
  struct counted {
    std::shared_ptr<memory_budget> budget;
    gauge_share share;
    std::string bytes;
    counted(std::shared_ptr<memory_budget> b, std::string s)
        : budget(std::move(b)), share(&budget->history), bytes(std::move(s)) {
      share.set(bytes.capacity());
    }
  };
  auto all = std::make_shared<const counted>(std::move(in), std::move(bytes));
  const auto* const text = &all->bytes;
  return {std::move(all), text};
}

} // namespace hubbub
