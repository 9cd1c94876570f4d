// A statement with all that is bound to it.
// Knows: SOCI's way of making one. Must not know: the log's statements.
#pragma once

#include <soci/soci.h>

#include <string>
#include <utility>

namespace hubbub {

/// Of a session, which outlives it, as does what is bound. `st_one_time_query` leaves nothing in
/// PostgreSQL, and so works behind a pooler; SOCI's own `prepare` does not.
template<class... Bound>
soci::statement make_statement(soci::session& sql, soci::details::statement_type how,
                               const std::string& text, Bound... bound) {
  soci::statement out(sql);
  out.alloc();
  (out.exchange(std::move(bound)), ...);
  out.prepare(text, how);
  out.define_and_bind();
  return out;
}

} // namespace hubbub
