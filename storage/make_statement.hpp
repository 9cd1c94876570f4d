// The construction of a SOCI statement with its bound values.
// Knows: how SOCI prepares a statement. Must not know: the statements of the log.
#pragma once

#include <soci/soci.h>

#include <string>
#include <utility>

namespace hubbub {

/// Makes a statement of a session. The session and the bound variables outlive the statement. With
/// `st_one_time_query` the server keeps no prepared statement, so it works behind a pooler, unlike
/// SOCI's own `prepare`. Throws soci::soci_error.
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
