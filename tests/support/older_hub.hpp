// A hub of an older version, as far as the other hubs on a PostgreSQL see it. Knows the table of
// hubs and its locks.
#pragma once

#include "tests/support/postgres.hpp"

namespace test {

/// Joins the ring of the hubs in the constructor. The destructor ends its session, and the hub with
/// it. The tables must exist.
class older_hub {
public:
  explicit older_hub(const postgres& db) : session_{db.session()} {
    session_->sql("insert into hubbub_hubs (number) overriding system value values (1999999999)");
    session_->sql("select pg_advisory_lock(cast(cast(cast('hubbub_hubs' as regclass) as oid) as "
                  "int4), 1999999999)");
    session_->sql("select pg_notify('hubbub_hubs', 'ring')");
  }

private:
  std::unique_ptr<sql_session> session_;
};

} // namespace test
