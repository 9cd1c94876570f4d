// What the doctor says about the outbox.
// Knows: the rights that a move needs, and the rows that an operator should know of. Must not know:
// other checks.
#pragma once

#include "storage/finding.hpp"

namespace soci {
class session;
}

namespace hubbub {

/// Examines the outbox of a log that exists, and changes nothing. Missing rights on an outbox that
/// exists are a fault, because its messages may wait for ever. That there is no outbox, and rows
/// that wait or were set aside, are no fault. Throws what SOCI throws.
finding check_outbox(soci::session& sql);

} // namespace hubbub
