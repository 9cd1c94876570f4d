// Says a word at one hub and listens for it at all of them. Knows what hubs owe each other; must
// not know how they keep it.
#pragma once

#include "tests/torture/client.hpp"
#include "tests/torture/stage.hpp"

namespace torture {

/// One thread at a time. A hub hears of the others by its own commits too: only while nobody else
/// speaks does a word prove that it hears without them.
class herald {
public:
  herald(stage& on, std::uint64_t seed) : stage_{on}, dice_{seed, 4'000'000} {}

  /// How long it took, from its saying, until every hub had shown it. Throws `test::timeout` with
  /// the hub that has not, and whatever visiting a hub throws.
  std::chrono::milliseconds carry(std::chrono::milliseconds patience);

  /// All it ever said, for the checker.
  const diary& said() const { return said_; }

private:
  stage& stage_;
  dice dice_;
  diary said_;
};

} // namespace torture
