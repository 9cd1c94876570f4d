#include "storage/postgres_session.hpp"

#include <libpq-fe.h>

namespace hubbub {

// Servers before PostgreSQL 14, and some operating systems, do not take the last setting.
const char* const session_settings = R"(set client_min_messages = warning;
set tcp_keepalives_idle = 5;
set tcp_keepalives_interval = 2;
set tcp_keepalives_count = 3;
set tcp_user_timeout = '60s';
set idle_in_transaction_session_timeout = '2s';
do $$ begin
  perform set_config('client_connection_check_interval', '1s', false);
exception when others then null;
end $$)";

const char* const statement_timeout_setting = "statement_timeout = '4500ms'";

std::string server_of(const pg_conn* connection) {
  const auto* host = PQhost(connection);
  const auto* port = PQport(connection);
  return std::string(host ? host : "") + " port " + (port ? port : "");
}

} // namespace hubbub
