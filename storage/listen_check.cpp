#include "storage/listen_check.hpp"

#include "storage/log.hpp"
#include "storage/postgres_connection.hpp"

#include <string>

namespace hubbub {

namespace {

constexpr auto application_name = "application_name='hubbub doctor'";

constexpr auto select_identity = R"(
select concat(oid, ' ', pg_postmaster_start_time()) from pg_database
where datname = current_database())";

/// Returns a text that is unique to one database of one server, until the server restarts.
std::string identity(postgres_connection& connection) {
  return PQgetvalue(connection.query(select_identity).get(), 0, 0);
}

} // namespace

finding check_listen_address(const database& where) {
  const signal_flag never;
  const std::string name = where.listen_connection_string.empty() ? "DATABASE_URL"
                                                                  : "LISTEN_DATABASE_URL",
                    remedy = "set LISTEN_DATABASE_URL to an address of PostgreSQL itself, of the "
                             "same database";
  const auto address = where.direct_connection_string() + application_name;
  try {
    postgres_connection one(where, address, never), other(where, address, never);
    if (share_backends(one, other))
      return {false, "listen",
              name + " leads through a pooler in transaction mode, where LISTEN does not work",
              remedy};
    if (!where.listen_connection_string.empty()) {
      postgres_connection pooled(where, where.connection_string + application_name, never);
      if (identity(one) != identity(pooled))
        return {false, "listen", name + " leads to another database than DATABASE_URL", remedy};
    }
  } catch (const log_unavailable& e) {
    return {false, "listen", name + ": " + e.what(), remedy};
  }
  return {true, "listen", "hubs notify each other through " + name, {}};
}

} // namespace hubbub
