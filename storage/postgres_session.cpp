#include "storage/postgres_session.hpp"

#include <libpq-fe.h>

namespace hubbub {

std::string server_of(const pg_conn* connection) {
  const auto* host = PQhost(connection);
  const auto* port = PQport(connection);
  return std::string(host ? host : "") + " port " + (port ? port : "");
}

} // namespace hubbub
