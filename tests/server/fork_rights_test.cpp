// The rights that a hub needs to find and to make a fork, and what it does without them.
#include "tests/server/doctor.hpp"
#include "tests/server/forks.hpp"
#include "tests/server/health.hpp"
#include "tests/support/postgres.hpp"

using namespace test;

TEST_SUITE_BEGIN("fork rights");

namespace {

/// A role that is not the owner of the tables. Its destructor removes it. The database must exist
/// until then.
class weak_role {
public:
  explicit weak_role(const postgres& db) : db_{db} {
    db.sql("drop role if exists weak");
    db.sql("create role weak login password 'secret'");
  }
  ~weak_role() {
    try {
      db_.sql("drop owned by weak cascade; drop role weak");
    } catch (const std::exception&) {
      // The test has failed, and reports why.
    }
  }

  settings as_role() const {
    auto url = db_.url();
    url.replace(url.find("hubbub:"), 7, "weak:");
    return {{"DATABASE_URL", url}};
  }

private:
  const postgres& db_;
};

} // namespace

TEST_CASE("a hub that may not ask for the timeline works without it") {
  postgres db;
  const weak_role role{db};
  std::string hidden;
  for (const auto* const each :
       {"pg_control_system()", "pg_walfile_name(pg_lsn)", "pg_current_wal_lsn()"})
    SUBCASE(each) {
      hidden = each;
    }
  db.sql("revoke execute on function " + hidden +
         " from public; "
         "grant all on schema public to weak");
  hub hub{role.as_role()};
  visitor alice{hub};
  const auto kept = stored(alice, "kept", "k1");
  wait_for_status(hub, "healthy", patience);
  const auto recorded = [&](const std::string& name) {
    return db.value("select coalesce(max(value), '') from hubbub_meta where name = '" + name + "'");
  };
  CHECK(recorded("timeline").empty());
  const auto told = run_doctor(role.as_role());
  CHECK_FALSE(is_wrong(lines_about(told, "forks")));
  CHECK_FALSE(is_wrong(lines_about(told, "tables")));

  postgres::cluster().kill();
  postgres::cluster().start();
  CHECK(stored(alice, "two", "k2") > kept);
  CHECK(recorded("forks").empty());

  db.sql("truncate messages restart identity"); // found by the ids
  alice.say("new", "k3");
  CHECK(hears_fork(alice)["after"] == 0);
  wait_for_status(hub, "healthy", patience);
  hub.stop();
}

TEST_CASE("a hub that may not move the ids stores nothing after a loss until it may") {
  postgres db;
  const weak_role role{db};
  {
    hub owner{db};
    visitor someone{owner};
    stored(someone, "before", "k0");
    eventually("the presence tables", [&] {
      return db.value("select to_regclass('hubbub_presence') is not null") == "t";
    });
    owner.stop();
  }
  db.sql("grant usage on schema public to weak; "
         "grant select, insert, update on hubbub_meta to weak; "
         "grant select, insert on messages to weak; "
         "grant select, insert, delete on hubbub_hubs to weak; "
         "grant select, insert, update, delete on hubbub_presence to weak; "
         "grant usage on hubbub_revision to weak");
  db.sql("revoke all on sequence messages_id_seq from weak");
  hub hub{role.as_role()};
  visitor alice{hub};
  const auto lost = stored(alice, "lost", "k1");
  wait_for_status(hub, "healthy", patience);

  const auto told = run_doctor(role.as_role());
  CHECK(told.code == 1);
  const auto lines = lines_about(told, "forks");
  CHECK(is_wrong(lines));
  CHECK(lines.find("update on sequence") != std::string::npos);
  CHECK(lines.find("messages_id_seq") != std::string::npos);

  db.sql("truncate messages restart identity");
  alice.say("new", "k2");
  wait_for_status(hub, "degraded", patience);
  hub.logs("permission denied for sequence messages_id_seq");
  CHECK(db.value("select count(*) from messages") == "0");
  db.sql("grant select, update on sequence messages_id_seq to weak");
  std::map<std::string, json> told_of; // in any order
  while (told_of.size() < 3) {
    const auto frame = alice.hears_any();
    told_of[frame["type"]] = frame;
  }
  const auto first = check_fork(told_of["fork"], 0, lost);
  CHECK(told_of["message"]["id"] >= first);
  CHECK(told_of["ack"]["id"] == told_of["message"]["id"]);
  wait_for_status(hub, "healthy", patience);
  CHECK(is_wrong(lines_about(run_doctor(role.as_role()), "forks")) == false);
  hub.stop();
}

TEST_SUITE_END();
