// What the service manager is told, as sd_notify(3) says it.
// Knows: how that is told. Must not know: when a hub is ready, well or alive.
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

/// How often `alive` is to be told: three times in the time after which a silent process is taken
/// for dead. Empty if no service manager waits for it (WATCHDOG_USEC is not set), and in a
/// build without libsystemd.
std::optional<std::chrono::nanoseconds> notify_every();

} // namespace hubbub
