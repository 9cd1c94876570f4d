// Faults of the database, and of the connections between it and the hubs.
#include "tests/torture/nemesis.hpp"

namespace torture {

using namespace std::chrono_literals;

namespace {

/// The time in which a hub notices that its silent LISTEN connection is dead, and reads on.
constexpr auto silence_promised = 14s;

const std::string others = "from pg_stat_activity where datname = 'torture' "
                           "and pid <> pg_backend_pid()";
const std::string listening = " and application_name = 'hubbub listener'";

} // namespace

std::vector<nemesis::fault> nemesis::database_faults() {
  if (testbed_.kind() == database_kind::sqlite)
    return {{"the file is locked", [this] { lock_file(); }}};
  auto all = cluster_faults();
  for (auto&& more :
       {connection_faults(), testbed_.hubs() > 1 ? listener_faults() : std::vector<fault>{}})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

void nemesis::lock_file() {
  for_a_while(
      [this] {
        lock_ = testbed_.session();
        lock_->sql("begin immediate");
      },
      [this] { lock_.reset(); })();
}

std::vector<nemesis::fault> nemesis::cluster_faults() {
  // The primary at the time of the fault.
  auto cluster = [this]() -> auto& {
    return testbed_.cluster();
  };
  auto start = [cluster] { cluster().start(); };
  auto terminate = [this, cluster] {
    auto admin = cluster().session("torture");
    for (int left = random_.between(1, 8); left > 0; --left) {
      admin->sql("select pg_terminate_backend(pid) " + others +
                 (random_.chance(0.5) ? " order by random() limit 1" : ""));
      watch(std::chrono::milliseconds{random_.between(1, 150)});
    }
  };
  return {
      {"PostgreSQL is killed", for_a_while([cluster] { cluster().kill(); }, start)},
      {"PostgreSQL is stopped fast", for_a_while([cluster] { cluster().stop(); }, start)},
      {"PostgreSQL is stopped at once",
       for_a_while([cluster] { cluster().stop(test::stop_mode::immediate); }, start)},
      {"PostgreSQL is restarted", [cluster] { cluster().restart(); }},
      {"PostgreSQL is paused", for_a_while([cluster] { cluster().pause(); }, start)},
      {"sessions are terminated", terminate},
  };
}

/// Each fault affects the connections of one hub, of some hubs, or of all hubs.
std::vector<nemesis::fault> nemesis::connection_faults() {
  auto heal = [this] { testbed_.heal_proxies(); };
  auto with = [this, heal](auto hurt) {
    return for_a_while(
        [this, hurt] {
          for (auto which : some_hubs())
            hurt(testbed_.proxy(which));
        },
        heal);
  };
  auto cut = [this](proxy& way) {
    auto before = way.cuts_done();
    way.cut_commits(random_.between(1, 6));
    for (auto end = clock::now() + 2s; way.cuts_left() > 0 && clock::now() < end;)
      watch(5ms);
    shared_.found.count("commits cut", way.cuts_done() - before);
  };
  return {
      {"commits are cut", with(cut)},
      {"commits are cut again", with(cut)}, // makes this fault twice as likely as the others
      {"the connections are stalled", with([](proxy& way) { way.stall(true); })},
      {"half of the connections are stalled", with([](proxy& way) { way.stall_some(true); })},
      {"connections are refused", with([](proxy& way) { way.refuse(true); })},
      {"connections are cut at random", with([](proxy& way) { way.flicker(true); })},
  };
}

/// Faults of the LISTEN sessions, by which a hub learns of the others' messages.
std::vector<nemesis::fault> nemesis::listener_faults() {
  auto terminate = [this] {
    auto admin = testbed_.cluster().session("torture");
    for (int left = random_.between(1, 8); left > 0; --left) {
      auto ended = admin->sql("select pg_terminate_backend(pid) " + others + listening +
                              (random_.chance(0.5) ? " order by random() limit 1" : ""));
      shared_.found.count("listeners terminated", static_cast<long>(ended.size()));
      watch(std::chrono::milliseconds{random_.between(1, 150)});
    }
  };
  auto pause = [this] { testbed_.cluster().pause(listeners()); };
  auto resume = [this] { testbed_.cluster().resume(); };
  return {{"listeners are terminated", terminate},
          {"listeners are terminated again", terminate},
          {"listeners are paused", for_a_while(pause, resume)},
          {"listeners are cut off silently", [this] { lose_listeners(); }},
          {"a commit is held", [this] { hold_commit(); }}};
}

std::vector<pid_t> nemesis::listeners() {
  std::vector<pid_t> found;
  for (auto& row : testbed_.session()->sql("select pid " + others + listening))
    if (random_.chance(0.7))
      found.push_back(std::stoi(row[0]));
  shared_.found.count("listeners paused", static_cast<long>(found.size()));
  return found;
}

/// As when a firewall drops the state of the connections. The hubs must find out by themselves.
void nemesis::lose_listeners() {
  for (auto which : some_hubs())
    testbed_.proxy(which).lose_listeners();
  demand_propagation(silence_promised);
}

/// As when a hub is frozen within its transaction, or cut off from the network.
void nemesis::hold_commit() {
  auto& way = testbed_.proxy(some_hubs().front());
  way.hold_commit();
  for (auto end = clock::now() + 2s; !way.holds_commit() && clock::now() < end;)
    watch(5ms);
  shared_.found.count("commits held", way.holds_commit());
  demand_progress();
  way.heal();
}

} // namespace torture
