// A histogram with buckets of at most 1.6 % relative width, so that millions of samples need only a
// few kilobytes. Knows: numbers. Must not know: what they measure.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bench {

class histogram {
public:
  void add(std::uint64_t value) {
    ++count_;
    ++buckets_[index(value)];
  }

  void clear() { *this = {}; }

  /// The quantile of the samples, as the lower edge of its bucket; 0 if there are no samples.
  std::uint64_t quantile(double p) const {
    auto left = static_cast<std::uint64_t>(p * static_cast<double>(count_));
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (left < buckets_[i])
        return lower_edge(i);
      left -= buckets_[i];
    }
    return 0;
  }

private:
  // There are 128 exact buckets, and then 64 for each doubling.
  static std::size_t index(std::uint64_t value) {
    const auto shift = value < 128 ? 0 : std::bit_width(value) - 7;
    return static_cast<std::size_t>(shift) * 64 + (value >> shift);
  }

  static std::uint64_t lower_edge(std::size_t index) {
    const auto shift = index < 128 ? 0 : index / 64 - 1;
    return static_cast<std::uint64_t>(index - shift * 64) << shift;
  }

  std::array<std::uint64_t, 64 * 59> buckets_{};
  std::uint64_t count_ = 0;
};

} // namespace bench
