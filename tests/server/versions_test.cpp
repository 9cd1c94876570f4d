// A hub beside an older one on the same PostgreSQL: what only the newer one knows is refused until
// the older one has ended.
#include "tests/server/doctor.hpp"
#include "tests/server/exposition.hpp"
#include "tests/support/older_hub.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>
#include <optional>

using namespace test;

TEST_SUITE_BEGIN("versions");

namespace {

json with_data(const std::string& text, const std::string& key) {
  return {{"type", "message"}, {"text", text}, {"data", {{"order", 7}}}, {"key", key}};
}

bool knows_older_hub(const hub& where) {
  return fetch(where.port(), "/ws-info").json().at("older_hub");
}

void wait_for_answer(const hub& where, bool older) {
  eventually("the hub to know whether an older one lives",
             [&] { return knows_older_hub(where) == older; });
}

} // namespace

TEST_CASE("a message with data is refused as upgrading while an older hub lives, and one without "
          "data is stored") {
  postgres db;
  hub hub{db};
  visitor alice{hub}, bob{hub};
  std::optional<older_hub> old{db};
  wait_for_answer(hub, true);
  alice.send_json(with_data("refused", "k"));
  const auto error = alice.gets("error");
  CHECK(error["code"] == "upgrading");
  CHECK(error["key"] == "k");
  CHECK(error["room"] == "lobby");
  alice.say("plain");
  CHECK(bob.hears()["text"] == "plain");
  old.reset();
  wait_for_answer(hub, false);
  alice.send_json(with_data("stored", "k"));
  const auto heard = bob.hears();
  CHECK(heard["text"] == "stored");
  CHECK(heard["data"]["order"] == 7);
  CHECK(db.value("select count(*) from messages") == "2");
}

TEST_CASE("to be refused as upgrading is not the client's fault") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  const older_hub old{db};
  wait_for_answer(hub, true);
  for (int i = 0; i < 1100; ++i) // a thousand faults would close the connection
    alice.send_json(with_data("refused", "k"));
  for (int i = 0; i < 1100; ++i)
    REQUIRE(alice.gets("error")["code"] == "upgrading");
  alice.say("plain");
  CHECK(alice.hears()["text"] == "plain");
}

TEST_CASE("a hub that starts beside an older one stores no data") {
  postgres db;
  {
    hub first{db};
    visitor{first}; // the tables are there
  }
  const older_hub old{db};
  for (int i = 0; i < 5; ++i) {
    hub hub{db};
    visitor alice{hub};
    alice.send_json(with_data("refused", "k"));
    CHECK(alice.gets("error")["code"] == "upgrading");
  }
  CHECK(db.value("select count(*) from messages") == "0");
}

TEST_CASE("hubs of one version store data from the first frame on") {
  postgres db;
  for (int i = 0; i < 5; ++i) {
    hub one{db}, two{db};
    visitor alice{one}, bob{two};
    alice.send_json(with_data("stored", "k" + std::to_string(i)));
    CHECK(bob.hears()["data"]["order"] == 7);
  }
}

TEST_CASE("operators see that an older hub lives") {
  postgres db;
  hub hub{db};
  const visitor alice{hub};
  CHECK(scrape(hub).at("hubbub_older_hub") == 0);
  const older_hub old{db};
  wait_for_answer(hub, true);
  CHECK(scrape(hub).at("hubbub_older_hub") == 1);
  hub.logs("an older hub runs on this database");
  const auto report = run_doctor(settings{{"DATABASE_URL", db.url()}, {"PORT", "0"}});
  CHECK(lines_about(report, "hubs").find("a hub of an older version runs") != std::string::npos);
}
