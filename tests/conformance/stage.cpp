#include "tests/conformance/stage.hpp"

#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

namespace test {

namespace {

struct stage {
  sqlite db;
  test::hub hub{db, {{"KEEPALIVE_TIMEOUT", "3"}}};
  visitor bystander{hub};
  int said = 0;
};

stage& the_stage() {
  static stage one;
  return one;
}

} // namespace

hub& the_hub() {
  return the_stage().hub;
}

void check_peace() {
  auto& [db, hub, bystander, said] = the_stage();
  bystander.say("unharmed");
  const auto heard = bystander.hears();
  CHECK(heard["text"] == "unharmed");
  CHECK(heard["user_message_number"] == ++said);
  eventually("health", [&hub = hub] { return fetch(hub.port(), "/health").status == 200; });
}

} // namespace test
