// Two clients that are served by two I/O threads.
// Knows: the names of I/O threads, and how they take turns. Must not know: rooms, messages.
#pragma once

#include "tests/support/stall.hpp"
#include "tests/support/visitor.hpp"

#include <array>

namespace test {

/// Two clients of a hub with THREADS=2. Connections that come one at a time take turns, so each
/// client has an I/O thread of its own.
class client_of_each_thread {
public:
  explicit client_of_each_thread(hub& where) : clients_{visitor{where}, visitor{where}} {
    {
      const stall still{where.server().pid(), "io 1"};
      for (auto& each : clients_)
        each.send_json({{"type", "ping"}});
      eventually("one of them to be served", [&] {
        first_ = clients_[0].hears_any(0s).is_null() ? 0 : 1;
        return first_ == 1 || !clients_[1].hears_any(0s).is_null();
      });
    }
    of_first().hears_any();
  }

  visitor& of_first() { return clients_[first_]; }
  visitor& of_second() { return clients_[1 - first_]; }

private:
  std::array<visitor, 2> clients_;
  std::size_t first_ = 0; ///< The client that was not served while the first thread was stalled.
};

} // namespace test
