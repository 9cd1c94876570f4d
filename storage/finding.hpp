// The result of one check of the doctor.
// Knows: the parts of a result. Must not know: what is checked.
#pragma once

#include <string>

namespace hubbub {

struct finding {
  bool ok = true;
  std::string check;  ///< The name of the check, in one word.
  std::string detail; ///< What the check has found, in one line.
  std::string remedy; ///< What the operator should do. It is shown only if `ok` is false.
};

} // namespace hubbub
