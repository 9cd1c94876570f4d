// Deploys of another version, one hub after another, in both directions.
#include "tests/support/http.hpp"
#include "tests/torture/nemesis.hpp"

namespace torture {

namespace {

using namespace std::chrono_literals;
using older = hub_versions::older;

/// How many hubs live, and how many of them are older ones. The session of a hub that lives holds
/// the lock of its number.
constexpr auto living_hubs = R"(
select count(*), count(*) - count(to_jsonb(h) ->> 'version') from hubbub_hubs h
where exists (
  select from pg_locks l
  where l.locktype = 'advisory' and l.classid = cast(cast('hubbub_hubs' as regclass) as oid)
    and l.objid = cast(h.number as oid) and l.mode = 'ExclusiveLock' and l.granted))";

} // namespace

void nemesis::run_deploys(std::chrono::seconds time) {
  demand_flow();
  demand_versions();
  const auto end = clock::now() + time;
  bool newer = false;
  do {
    newer = !newer;
    for (std::size_t which = 0; which < testbed_.hubs(); ++which) {
      strike({newer ? "a newer hub replaces an older one" : "an older hub replaces a newer one",
              [=, this] { deploy(which, newer); }});
      demand_flow();
      if (random_.chance(0.5))
        strike_once();
      demand_versions();
      demand_propagation();
    }
  } while (clock::now() < end || !newer);
}

void nemesis::deploy(std::size_t which, bool newer) {
  stop_hub(which);
  testbed_.set_newer(which, newer);
  shared_.versions.set_newer(which, newer);
  start_hub(which);
}

/// Every newer hub knows whether an older one lives. For a while after that nothing happens but
/// what the clients do, and they check the hubs' answers.
void nemesis::demand_versions() {
  long count = 0;
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    count += !shared_.versions.is_newer(i);
  const auto living = std::to_string(testbed_.hubs()), old = std::to_string(count);
  const auto table = testbed_.session();
  try {
    wait_until("all hubs to know of each other", [&] {
      return table->sql(living_hubs)[0] == std::vector{living, old} && all_know(count > 0) &&
             healthy();
    });
  } catch (const test::timeout& error) {
    shared_.found.violation(error.what() + logs());
    return;
  }
  shared_.versions.set(count > 0 ? older::lives : older::gone);
  watch(std::chrono::milliseconds{random_.between(500, 1500)});
  shared_.versions.set(older::unsure);
}

bool nemesis::all_know(bool older) {
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    if (shared_.versions.is_newer(i))
      try {
        if (test::fetch(testbed_.hub(i).port(), "/ws-info").json().at("older_hub") != older)
          return false;
      } catch (const std::exception&) {
        return false;
      }
  return true;
}

} // namespace torture
