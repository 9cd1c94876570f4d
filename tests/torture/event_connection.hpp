// An event stream that never blocks, and that the caller may read late or never, or reset in the
// middle of an event. Knows HTTP and event streams; must not know what the events mean.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/descriptor.hpp"
#include "tests/support/event_parser.hpp"
#include "tests/torture/tcp.hpp"

namespace torture {

/// Threads: one.
class event_connection {
public:
  /// Connects and asks for the stream, after that id unless it is empty. Throws `connection_lost`
  /// if no server listens or the hub is stopping, `test::timeout`, and `std::runtime_error` for an
  /// answer other than 200.
  event_connection(std::uint16_t port, const std::string& target, const std::string& last_id,
                   receive_window size, test::deadline until);

  /// If `reading`, receives what has come. Waits until the deadline if nothing has.
  void pump(bool reading, test::deadline until);

  /// The next event that was received, none if there is none yet. Throws `connection_lost` after
  /// the last one.
  std::optional<test::stream_event> next();

  /// What a client comes back with that has taken the events up to here.
  const std::string& last_id() const { return events_.last_id(); }

  /// Ends the connection with a TCP reset.
  void reset();

private:
  void receive(std::string& into);

  test::descriptor socket_;
  test::event_parser events_;
  bool ended_ = false;
};

} // namespace torture
