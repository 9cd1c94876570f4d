#include "storage/notices.hpp"

namespace hubbub {

namespace {

std::string field(const PGresult* notice, int which) {
  const auto* const text = PQresultErrorField(notice, which);
  return text ? text : "";
}

void receive_notice(void* to, const PGresult* notice) {
  const auto& where = *static_cast<const database*>(to);
  if (!where.on_notice)
    return;
  const auto state = field(notice, PG_DIAG_SQLSTATE);
  auto severity = field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) + (state.empty() ? "" : ' ' + state);
  // Only a notice of a function has a context, and its text may quote messages of clients.
  const bool of_server = field(notice, PG_DIAG_CONTEXT).empty();
  try {
    where.on_notice(severity + ": " +
                    (of_server ? field(notice, PG_DIAG_MESSAGE_PRIMARY)
                               : "a function or trigger has a word, which is not shown"));
  } catch (...) {
    // libpq, which is written in C, calls this.
  }
}

} // namespace

void forward_notices(PGconn* connection, const database& where) {
  PQsetNoticeReceiver(connection, receive_notice, const_cast<database*>(&where));
}

} // namespace hubbub
