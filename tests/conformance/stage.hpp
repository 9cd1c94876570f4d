// The one hub that all cases of a program talk to, and somebody in its lobby who must notice
// nothing of them.
#pragma once

#include "tests/support/hub.hpp"

namespace test {

hub& the_hub();

/// The hub never ended, says that it is well, and who was there before all cases still talks.
void check_peace();

} // namespace test
