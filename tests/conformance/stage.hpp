// The one hub that all cases of a program talk to, and somebody in its lobby who must notice
// nothing of them.
#pragma once

#include "tests/support/hub.hpp"

namespace test {

hub& the_hub();

/// How long a play may take, and the end of a conversation that has to come at once. A hub that
/// waits for one of its own times to pass, ten seconds for a request or four for who has been said
/// goodbye to, would do so each time, so a play that takes longer is played once more, up to five
/// times: a busy machine makes one of them slow, and not all.
constexpr auto at_once = 3s;
constexpr int plays_at_most = 5;

/// The result of a play that was not too slow to be judged, or of the last one.
template<class Play>
auto played(Play play) {
  for (int i = 1;; ++i)
    try {
      const auto began = deadline::clock::now();
      auto result = play();
      if (i == plays_at_most || deadline::clock::now() - began < at_once)
        return result;
    } catch (const timeout&) {
      if (i == plays_at_most)
        throw;
    }
}

/// The hub never ended, says that it is well, and who was there before all cases still talks.
void check_peace();

} // namespace test
