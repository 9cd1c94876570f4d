#include "storage/notices.hpp"

namespace hubbub {

namespace {

std::string field(const PGresult* notice, int which) {
  const auto* const text = PQresultErrorField(notice, which);
  return text ? text : "";
}

void tell(void* to, const PGresult* notice) {
  const auto& where = *static_cast<const database*>(to);
  if (!where.on_notice)
    return;
  const auto state = field(notice, PG_DIAG_SQLSTATE);
  auto head = field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) + (state.empty() ? "" : ' ' + state);
  // A context is that of a function: its words may be people's own.
  const bool of_server = field(notice, PG_DIAG_CONTEXT).empty();
  try {
    where.on_notice(head + ": " +
                    (of_server ? field(notice, PG_DIAG_MESSAGE_PRIMARY)
                               : "a function or trigger has a word, which is not shown"));
  } catch (...) {
    // libpq, which is written in C, calls this.
  }
}

} // namespace

void forward_notices(PGconn* connection, const database& where) {
  PQsetNoticeReceiver(connection, tell, const_cast<database*>(&where));
}

} // namespace hubbub
