#include "tests/conformance/shared_hub.hpp"

#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

namespace test {

namespace {

struct shared {
  sqlite db;
  test::hub hub{db, {{"KEEPALIVE_TIMEOUT", "3"}, {"MAX_DATA", "0"}}};
  visitor bystander{hub};
  int said = 0;
};

shared& the_shared() {
  static shared one;
  return one;
}

} // namespace

hub& shared_hub() {
  return the_shared().hub;
}

void check_unaffected() {
  auto& [db, hub, bystander, said] = the_shared();
  bystander.say("unharmed");
  const auto heard = bystander.hears();
  CHECK(heard["text"] == "unharmed");
  CHECK(heard["user_message_number"] == ++said);
  eventually("health", [&hub = hub] { return fetch(hub.port(), "/health").status == 200; });
}

} // namespace test
