// The primary is lost, with the messages that its standby has not received, and the standby takes
// over. Then the old primary becomes the standby of the new one, so that it can happen again.
#include "tests/torture/nemesis.hpp"

namespace torture {

using namespace std::chrono_literals;

namespace {

/// The time in which a hub works on the promoted server. It may first try the lost one.
constexpr auto takeover_promised = 5s;

constexpr auto waits_for_standby = "select pid from pg_stat_activity where wait_event = 'SyncRep'";

/// The most database sessions of one hub.
constexpr long most_sessions = 8;

} // namespace

void nemesis::run_failovers(int count) {
  demand_flow(); // the first hub has made the tables
  strike({"the standby is there", [this] { wait_for_standby(); }});
  for (int i = 0; i < count; ++i) {
    if (!fork_is_at_risk_ && random_.chance(0.5))
      strike_once();
    database_hurt_ = true;
    if (testbed_.replicates() == replication::synchronous) {
      strike({"the standby is paused", [this] { pause_standby(); }});
      demand_flow();
    }
    const bool first = i == 0, last = i + 1 == count;
    strike({"the primary is lost", [=, this] { fail_over(first, last); }});
    demand_flow("the promotion of a standby", takeover_promised, takeover_promised);
    if (!last && !fork_is_at_risk_)
      strike({"a standby is made", [this] {
                testbed_.standby().follow(testbed_.cluster());
                testbed_.standby_listens(true);
                wait_for_standby();
              }});
    database_hurt_ = false;
    if (testbed_.hubs() > 1)
      demand_propagation();
  }
}

/// With synchronous replication, commits wait for the standby from now on, or a moment later.
void nemesis::wait_for_standby() {
  auto& primary = testbed_.cluster();
  wait_until("the standby to have everything",
             [&] { return testbed_.standby().has_all_of(primary); });
  if (testbed_.replicates() == replication::synchronous) {
    const auto admin = primary.session("postgres");
    admin->sql("alter system set synchronous_standby_names = 'standby'");
    admin->sql("select pg_reload_conf()");
  }
}

/// Commits wait meanwhile. This proves that replication is synchronous.
void nemesis::pause_standby() {
  const auto admin = testbed_.cluster().session("postgres");
  testbed_.standby().pause();
  wait_until("a commit to wait for the standby",
             [&] { return !admin->sql(waits_for_standby).empty(); });
  watch(some_time());
  const auto sessions = admin->sql("select pid from pg_stat_activity where datname = 'torture'");
  if (std::ssize(sessions) > most_sessions * std::ssize(down_))
    shared_.found.violation(std::to_string(sessions.size()) + " sessions wait for the standby");
  testbed_.standby().resume();
}

/// The clients write on, and the standby receives nothing of it.
void nemesis::write_without_standby() {
  const auto table = testbed_.session();
  if (testbed_.replicates() == replication::synchronous) {
    wait_until("a commit to wait for the standby",
               [&] { return !table->sql(waits_for_standby).empty(); });
    return;
  }
  const auto reached = newest_id(*testbed_.standby().session("torture"));
  const auto wanted = random_.between(1, 200);
  wait_until("messages that the standby has not", [&] {
    return std::stol(table->sql("select count(*) from messages where id > " +
                                std::to_string(reached))[0][0]) >= wanted;
  });
}

void nemesis::fail_over(bool first, bool last) {
  auto &lost = testbed_.cluster(), &next = testbed_.standby();
  const bool was_at_risk = std::exchange(fork_is_at_risk_, false);
  if (!was_at_risk) {
    wait_for_standby();
    if (first || random_.chance(0.85))
      next.stop_following(lost);
  }
  // A primary with a standby loses at most what is under way.
  if (was_at_risk || !next.has_all_of(lost))
    write_without_standby();
  const auto newest = newest_id(*testbed_.session());
  // If the record of a fork is lost too, only the hubs still know what they have shown.
  const auto victims = hurt_hubs(was_at_risk);
  const bool pauses = random_.chance(0.25);
  if (pauses)
    lost.pause();
  else if (random_.chance(0.3))
    lost.stop(test::stop_mode::immediate);
  else
    lost.kill();
  fork_is_at_risk_ =
      testbed_.replicates() == replication::asynchronous && !last && random_.chance(0.3);
  if (fork_is_at_risk_)
    testbed_.cut_off_hubs();
  next.promote();
  testbed_.change_roles();
  const auto found =
      testbed_.session()->sql("select 1 from messages where id = " + std::to_string(newest));
  shared_.found.count("failovers that lost messages", newest > 0 && found.empty());
  if (fork_is_at_risk_) {
    // The next standby does not receive the record of the fork that follows.
    history_.back() += ", and the next one follows at once";
    lost.kill();
    lost.follow(next);
    lost.stop_following(next);
    testbed_.heal_proxies();
  } else {
    testbed_.standby_listens(pauses);
    watch(some_time() / 2);
    lost.kill();
    testbed_.standby_listens(false);
  }
  help_hubs(victims);
}

/// Hubs that are stopped, killed or paused when the messages are lost. With `remember`, no hub
/// forgets what it has shown.
std::vector<std::size_t> nemesis::hurt_hubs(bool remember) {
  static const std::vector<hub_fault> all{hub_fault::none, hub_fault::paused, hub_fault::stopped,
                                          hub_fault::killed};
  hub_fault_ = all[random_.between<std::size_t>(0, remember ? 1 : 3)];
  if (hub_fault_ == hub_fault::none)
    return {};
  static const std::map<hub_fault, std::string> names{{hub_fault::paused, "paused"},
                                                      {hub_fault::stopped, "stopped"},
                                                      {hub_fault::killed, "killed"}};
  history_.back() += ", the hub is " + names.at(hub_fault_);
  auto victims = some_hubs();
  for (auto which : victims)
    if (hub_fault_ == hub_fault::paused) {
      testbed_.hub(which).pause();
    } else if (hub_fault_ == hub_fault::stopped) {
      stop_hub(which);
    } else {
      down_[which] = true;
      testbed_.hub(which).kill();
    }
  return victims;
}

void nemesis::help_hubs(const std::vector<std::size_t>& which) {
  for (auto each : which)
    if (hub_fault_ == hub_fault::paused)
      testbed_.hub(each).resume();
    else
      start_hub(each);
}

} // namespace torture
