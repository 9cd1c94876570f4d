// The order in which libpq tries the servers of an address.
// Knows: libpq's connection strings. Must not know: why a server is to be tried last.
#pragma once

#include <string>

namespace hubbub {

/// Returns the connection string with this server behind all others. `host` and `port` are those
/// that libpq reports for a connection. A string with one server stays as it is.
std::string with_server_last(const std::string& connection_string, const std::string& host,
                             const std::string& port);

/// Returns the connection string with its first server behind all others. To be used after a
/// connection has failed: libpq goes on to the next server only if it was not reached at all, and
/// not if something accepts the connection in its place and closes it.
std::string with_first_server_last(const std::string& connection_string);

} // namespace hubbub
