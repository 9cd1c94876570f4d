// Random numbers from a seed: the same seed gives the same sequence. Must not know what is decided
// by the numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

namespace torture {

/// Threads: one. `stream` separates the sequences of objects that share a seed.
class random_source {
public:
  explicit random_source(std::uint64_t seed, std::uint64_t stream = 0)
      : engine_{seed * 0x9E37'79B9'7F4A'7C15 + stream} {}

  /// A uniformly distributed number from `least` to `most`, both included.
  template<class Number>
  Number between(Number least, Number most) {
    return least + static_cast<Number>(engine_() % (static_cast<std::uint64_t>(most - least) + 1));
  }
  bool chance(double probability) {
    return std::uniform_real_distribution<>{}(engine_) < probability;
  }

  template<class Container>
  auto& pick(Container& from) {
    return from[between<std::size_t>(0, from.size() - 1)];
  }

  /// A pause with an exponential distribution of this mean (a Poisson process of events).
  std::chrono::milliseconds pause(std::chrono::milliseconds mean) {
    std::exponential_distribution<> next{1.0 / static_cast<double>(mean.count())};
    return std::chrono::milliseconds{static_cast<long>(next(engine_))};
  }

private:
  std::mt19937_64 engine_;
};

} // namespace torture
