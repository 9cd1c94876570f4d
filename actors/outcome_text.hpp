// What a client is told about an accepted message that is not stored.
// Knows: the codes of outcomes. Must not know: when a code is given.
#pragma once

#include "actors/older_hub.hpp"
#include "actors/refusal_code.hpp"

namespace hubbub {

/// Returns the text for a person.
inline const char* outcome_text(refusal_code why) {
  switch (why) {
  case refusal_code::key_conflict:
    return "another message has this key";
  case refusal_code::upgrading:
    return upgrading_text;
  case refusal_code::busy:
    return "the database takes too long to store this; send it again later, or less at once";
  default:
    return "the database refuses this message";
  }
}

} // namespace hubbub
