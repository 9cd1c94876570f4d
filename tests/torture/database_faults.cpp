// How the database is hurt, and the hubs' lines to it.
#include "tests/torture/nemesis.hpp"

namespace torture {

using namespace std::chrono_literals;

namespace {

/// Until a hub notices that a line is dead which says nothing, and has read on.
constexpr auto silence_promised = 14s;

const std::string others = "from pg_stat_activity where datname = 'torture' "
                           "and pid <> pg_backend_pid()";
const std::string listening = " and application_name = 'hubbub listener'";

} // namespace

std::vector<nemesis::fault> nemesis::database_faults() {
  if (stage_.kind() == database_kind::sqlite)
    return {{"the file is locked", [this] { lock_file(); }}};
  auto all = cluster_faults();
  for (auto&& more : {line_faults(), stage_.hubs() > 1 ? listener_faults() : std::vector<fault>{}})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

void nemesis::lock_file() {
  for_a_while(
      [this] {
        lock_ = stage_.session();
        lock_->sql("begin immediate");
      },
      [this] { lock_.reset(); })();
}

std::vector<nemesis::fault> nemesis::cluster_faults() {
  auto& cluster = stage_.cluster();
  auto start = [&cluster] { cluster.start(); };
  auto terminate = [this, &cluster] {
    auto admin = cluster.session("torture");
    for (int left = dice_.between(1, 8); left > 0; --left) {
      admin->sql("select pg_terminate_backend(pid) " + others +
                 (dice_.chance(0.5) ? " order by random() limit 1" : ""));
      watch(std::chrono::milliseconds{dice_.between(1, 150)});
    }
  };
  return {
      {"PostgreSQL is killed", for_a_while([&cluster] { cluster.kill(); }, start)},
      {"PostgreSQL is stopped fast", for_a_while([&cluster] { cluster.stop(); }, start)},
      {"PostgreSQL is stopped at once",
       for_a_while([&cluster] { cluster.stop(test::stop_mode::immediate); }, start)},
      {"PostgreSQL is restarted", [&cluster] { cluster.restart(); }},
      {"PostgreSQL is paused", for_a_while([&cluster] { cluster.pause(); }, start)},
      {"sessions are terminated", terminate},
  };
}

/// Each is done to the lines of one hub, of some, or of all.
std::vector<nemesis::fault> nemesis::line_faults() {
  auto heal = [this] {
    for (std::size_t i = 0; i < stage_.hubs(); ++i)
      stage_.proxy(i).heal();
  };
  auto with = [this, heal](auto hurt) {
    return for_a_while(
        [this, hurt] {
          for (auto which : some_hubs())
            hurt(stage_.proxy(which));
        },
        heal);
  };
  auto cut = [this](proxy& way) {
    auto before = way.cuts_done();
    way.cut_commits(dice_.between(1, 6));
    for (auto end = clock::now() + 2s; way.cuts_left() > 0 && clock::now() < end;)
      watch(5ms);
    where_.notes.count("commits cut", way.cuts_done() - before);
  };
  return {
      {"commits are cut", with(cut)},
      {"commits are cut again", with(cut)}, // twice as often as the others
      {"the line is stalled", with([](proxy& way) { way.stall(true); })},
      {"half of the lines are stalled", with([](proxy& way) { way.stall_some(true); })},
      {"the line is refused", with([](proxy& way) { way.refuse(true); })},
      {"the line flickers", with([](proxy& way) { way.flicker(true); })},
  };
}

/// By what one hub hears of the others.
std::vector<nemesis::fault> nemesis::listener_faults() {
  auto terminate = [this] {
    auto admin = stage_.cluster().session("torture");
    for (int left = dice_.between(1, 8); left > 0; --left) {
      auto ended = admin->sql("select pg_terminate_backend(pid) " + others + listening +
                              (dice_.chance(0.5) ? " order by random() limit 1" : ""));
      where_.notes.count("listeners terminated", static_cast<long>(ended.size()));
      watch(std::chrono::milliseconds{dice_.between(1, 150)});
    }
  };
  auto pause = [this] { stage_.cluster().pause(listeners()); };
  auto resume = [this] { stage_.cluster().resume(); };
  return {{"listeners are terminated", terminate},
          {"listeners are terminated again", terminate},
          {"listeners are paused", for_a_while(pause, resume)},
          {"listeners lose their lines", [this] { lose_listeners(); }},
          {"a commit is held", [this] { hold_commit(); }}};
}

std::vector<pid_t> nemesis::listeners() {
  std::vector<pid_t> found;
  for (auto& row : stage_.session()->sql("select pid " + others + listening))
    if (dice_.chance(0.7))
      found.push_back(std::stoi(row[0]));
  where_.notes.count("listeners paused", static_cast<long>(found.size()));
  return found;
}

/// As by a firewall that forgets them. The hubs are to find out by themselves.
void nemesis::lose_listeners() {
  for (auto which : some_hubs())
    stage_.proxy(which).lose_listeners();
  demand_word(silence_promised);
}

/// As by a hub that is frozen within its transaction, or cut off from the network.
void nemesis::hold_commit() {
  auto& way = stage_.proxy(some_hubs().front());
  way.hold_commit();
  for (auto end = clock::now() + 2s; !way.holds_commit() && clock::now() < end;)
    watch(5ms);
  where_.notes.count("commits held", way.holds_commit());
  demand_others();
  way.heal();
}

} // namespace torture
