// Whether the database lives, asked of the database itself.
// Knows: the log, and how long is too long. Must not know: who asks.
#pragma once

#include "actors/protocol.hpp"

namespace hubbub {

/// However many ask, one question at a time is under way; a database that hangs keeps one thread,
/// and everyone hears `false` within 900 ms.
class health_state {
public:
  using pointer = health_actor::stateful_pointer<health_state>;
  static inline const char* name = "health";

  health_actor::behavior_type start(pointer self, log_factory make);

private:
  void ask();
  void answer(bool alive);

  pointer self_ = nullptr;
  health_actor prober_;
  bool under_way_ = false, overdue_ = false;
  std::uint64_t asked_ = 0;
  std::vector<caf::typed_response_promise<bool>> waiting_;
};

inline health_actor::behavior_type health(health_state::pointer self, log_factory make) {
  return self->state.start(self, std::move(make));
}

} // namespace hubbub
