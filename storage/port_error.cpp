#include "storage/port_error.hpp"

#include "storage/log.hpp"

namespace hubbub {

void throw_port_error(const classified_error& failure, const failed_call& of) {
  if (of.of_drafts && failure.origin == error_origin::draft)
    throw log_refusal(failure.reason);
  if (of.of_drafts && failure.origin == error_origin::unclear)
    throw log_objection(failure.reason);
  if (of.of_drafts && failure.too_slow)
    throw log_too_slow(failure.reason);
  if (failure.table_missing && !of.log_known)
    throw log_not_created(failure.reason);
  throw log_unavailable(failure.reason);
}

} // namespace hubbub
