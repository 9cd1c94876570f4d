// Notifications to the service manager by sd_notify(3).
// Knows: the protocol. Must not know: when a hub is ready or alive.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace hubbub {

// Each function does nothing where no service manager listens (NOTIFY_SOCKET is not set), and in a
// build without libsystemd. The status is one line of text for a person.

void notify_ready(const std::string& status);
void notify_alive(const std::string& status);
void notify_stopping(const std::string& status);

/// Returns the interval of `notify_alive`, a third of the time after which the service manager
/// takes a silent process for dead. Empty if no service manager waits for it (WATCHDOG_USEC is not
/// set), and in a build without libsystemd.
std::optional<std::chrono::nanoseconds> notify_every();

} // namespace hubbub
