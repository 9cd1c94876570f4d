// The one budget of what grows with what people do: how near its end the process is, and what each
// part may take.
// Knows: a limit, a level, shares. Must not know: who measures, or what the parts do about it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// Each does what those before it do, and more.
enum class pressure : std::uint8_t {
  calm,
  shed,  ///< Caches go: rooms' hot tails.
  tight, ///< Slow readers leave the live fan-out, and who says much is read little.
  full,  ///< Nobody more comes in.
};
inline constexpr std::array<std::string_view, 4> pressure_names{"calm", "shed", "tight", "full"};

/// Without a limit the level is calm for ever and every share is the usual one. Any thread.
class memory_budget {
public:
  using gauge = std::atomic<std::int64_t>;

  explicit memory_budget(std::size_t limit = 0) : limit_(limit) {}

  std::size_t limit() const { return limit_; }

  pressure level() const { return level_.load(std::memory_order_relaxed); }
  void set(pressure now) { level_.store(now, std::memory_order_relaxed); }

  /// What a part may take that takes `usual` where memory is plenty: at most one in `of` of the
  /// limit, and `least`. For what grows faster than anybody measures.
  std::size_t share(std::size_t usual, std::size_t of, std::size_t least = 1) const {
    return limit_ ? std::max(std::min(usual, limit_ / of), std::min(usual, least)) : usual;
  }

  gauge tails = 0;   ///< Bytes of rooms' hot tails.
  gauge history = 0; ///< Bytes from the log, encoded for one reader, and not written yet.
  gauge outboxes =
      0; ///< Bytes that wait for readers; a message that waits for many, once for each.

private:
  const std::size_t limit_;
  std::atomic<pressure> level_ = pressure::calm;
};

/// So much of a gauge is its owner's, until it ends. One thread.
class gauge_share {
public:
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

/// The bytes, which count in `history` for as long as anybody has them.
inline std::shared_ptr<const std::string> count_history_bytes(std::shared_ptr<memory_budget> in,
                                                              std::string bytes) {
  struct counted {
    std::shared_ptr<memory_budget> budget;
    gauge_share mine;
    std::string bytes;
    counted(std::shared_ptr<memory_budget> b, std::string s)
        : budget(std::move(b)), mine(&budget->history), bytes(std::move(s)) {
      mine.set(bytes.capacity());
    }
  };
  auto all = std::make_shared<const counted>(std::move(in), std::move(bytes));
  const auto* const text = &all->bytes;
  return {std::move(all), text};
}

} // namespace hubbub
