// A 503 that is sent before the request is read, because there is no memory to read it.
// Knows: one answer. Must not know: how much memory there is.
#pragma once

#include "net/transport/lingering_close.hpp"

namespace hubbub {

/// Sends a 503 without reading, and closes so that the peer can read the answer (see
/// close_after_reading). Takes one to two kilobytes of memory until `closed` is called.
void send_early_refusal(tcp_socket socket, completion<boost::system::error_code> closed);

} // namespace hubbub
