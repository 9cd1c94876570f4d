// An answer to who has not asked yet: there is no memory to hear the question.
// Knows: one answer. Must not know: why it is given.
#pragma once

#include "net/transport/lingering_close.hpp"

namespace hubbub {

/// Says 503 without reading, and closes so that the peer can read that. Takes a kilobyte or two
/// until then.
void send_early_refusal(tcp_socket socket, completion<boost::system::error_code> closed);

} // namespace hubbub
