// Whether all threads that a message passes still turn.
// Knows: how each of them is asked. Must not know: who wants to know.
#pragma once

#include "net/gateway.hpp"

namespace hubbub {

/// Asks every io thread, and by way of the hub's health the actors and the threads of the log. A
/// database that is away is an answer like any other: it is not the hub that hangs.
class pulse {
public:
  /// Asks for the first time. Both outlive it, and run.
  pulse(const lanes& threads, hub& actors);

  /// Whether the log is well, once everyone has answered; then asks anew. Nothing, as long as
  /// someone has not. One thread, which is none of those that are asked.
  std::optional<bool> beat();

private:
  struct question {
    std::atomic<std::size_t> open;
    std::atomic<bool> log_well = false;
  };

  void ask();

  const lanes& lanes_;
  hub& hub_;
  std::shared_ptr<question> last_;
};

} // namespace hubbub
