// One thing that a doctor has looked at.
// Knows: how it is said. Must not know: what it is about.
#pragma once

#include <string>

namespace hubbub {

struct finding {
  bool good = true;
  std::string what; ///< One word.
  std::string says; ///< How things are.
  std::string todo; ///< If that is not good.
};

} // namespace hubbub
