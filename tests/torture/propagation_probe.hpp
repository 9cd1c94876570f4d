// Sends a message at one hub and waits until every hub has shown it. Knows that hubs show each
// other's messages; must not know how.
#pragma once

#include "tests/torture/findings.hpp"
#include "tests/torture/random_source.hpp"
#include "tests/torture/testbed.hpp"

namespace torture {

/// Threads: one at a time. A hub also learns of the others' messages by its own commits, so a probe
/// proves that notifications work only while no client sends anything.
class propagation_probe {
public:
  propagation_probe(testbed& on, std::uint64_t seed) : testbed_{on}, random_{seed, 4'000'000} {}

  /// The time from sending a message until every hub has shown it. Throws `test::timeout`, which
  /// names the hub that has not shown it, and what `test::visitor` throws.
  std::chrono::milliseconds measure(std::chrono::milliseconds patience);

  /// Everything that was sent, for the checker.
  const client_record& record() const { return record_; }

private:
  testbed& testbed_;
  random_source random_;
  client_record record_;
};

} // namespace torture
