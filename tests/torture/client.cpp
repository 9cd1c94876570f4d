// A client has one connection at a time, and `run_connection` covers all of its life.
#include "tests/torture/client.hpp"

#include <algorithm>

namespace torture {

namespace {

using namespace std::chrono_literals;

/// How many rooms a client may have. Every third one has a single room, as the steady one.
std::size_t choose_most_rooms(int index, random_source& random) {
  static const std::vector<std::size_t> sizes{2, 5, 12, 30, 50};
  return index % 3 == 0 ? 1 : random.pick(sizes);
}

} // namespace

client::client(int index, std::uint64_t seed, shared_state& shared)
    : index_{index}, steady_{index == 0}, slow_{index % 4 == 1}, knows_forks_{index % 5 != 2},
      shared_{shared}, random_{seed, static_cast<std::uint64_t>(index) + 1},
      most_rooms_{choose_most_rooms(index, random_)} {
  record_.knows_forks = knows_forks_;
  if (steady_)
    wanted_ = {"lobby"};
}

void client::run() {
  while (shared_.now != phase::over)
    try {
      run_connection();
    } catch (const connection_lost& end) {
      if (end.code != 1006 && end.code != 1012 && end.code != 1000 && end.code != 1005)
        shared_.found.violation("client " + std::to_string(index_) + " was closed with " +
                                std::to_string(end.code) + ' ' + end.reason);
      shared_.found.count(end.code == 1012    ? "connections closed by a stop"
                          : connection_->open ? "connections lost"
                                              : "connections refused");
      shared_.rest(std::chrono::milliseconds{random_.between(5, steady_ ? 20 : 150)});
    } catch (const test::timeout&) {
      shared_.found.count("upgrades given up");
    } catch (const std::exception& error) {
      shared_.found.violation("client " + std::to_string(index_) + ": " + error.what());
      shared_.rest(100ms);
    }
}

// -- one connection -------------------------------------------------------------------------------

void client::run_connection() {
  choose_rooms();
  connection_ = &record_.connections.emplace_back();
  greeted_ = false;
  auto hub = shared_.hub.load();
  auto asked = target();
  ws_connection to{choose_hub(), asked, slow_ ? receive_window::tiny : receive_window::normal,
                   opening_time()};
  connection_->open = true;
  connected();
  shared_.found.count("connections");
  auto began = clock::now();
  const auto never = began + 1h;
  plan plan{began, never, never, never};
  if (!steady_)
    plan.leave = began + random_.pause(3s);
  if (slow_ || random_.chance(0.2))
    plan.stop_reading = began + random_.pause(1s);
  const bool early = random_.chance(0.5); // sends before `init` has come
  for (auto& [index, again] : unacked_)
    again = began;
  while (shared_.now != phase::over) {
    const bool storm = shared_.now == phase::storm;
    auto now = clock::now();
    if (!storm)
      plan.stop_reading = plan.leave = never, plan.read_on = now;
    const bool reads = now < plan.stop_reading || now >= plan.read_on;
    if (reads && now >= plan.read_on && storm) {
      plan.stop_reading = slow_ ? now + random_.pause(1500ms) : never;
      plan.read_on = never;
    } else if (!reads && plan.read_on == never) {
      plan.read_on = now + random_.pause(slow_ ? 2s : 300ms);
      shared_.found.count("pauses in reading");
    }
    if (greeted_ || early) {
      ask_for_rooms(to);
      send_some(to, plan);
    }
    to.pump(reads, std::chrono::milliseconds{10});
    if (reads)
      while (auto text = to.next())
        handle(nlohmann::json::parse(*text), plan);
    if (greeted_ && hub >= 0 && connection_->hub == 0)
      connection_->hub = shared_.hub == hub ? hub : -1;
    update_done();
    if (now >= plan.leave && leave(to, plan))
      return;
  }
}

/// During the storm the hub of a new connection may be paused, so the client gives up early; the
/// steady client gives up first. After the storm only a busy machine makes an opening slow.
test::deadline client::opening_time() {
  if (shared_.now != phase::storm)
    return test::patience / 4;
  return std::chrono::milliseconds{steady_ ? 1000 : random_.between(500, 4000)};
}

/// True if the connection ends now. False if a closing handshake has begun, which will end it.
bool client::leave(ws_connection& from, plan& plan) {
  plan.leave = clock::now() + 2s; // leaves even if the close is not answered
  switch (random_.between(0, 3)) {
  case 0:
    from.reset();
    return true;
  case 1:
    if (greeted_ && asked_ && !shared_.quiet)
      send_new(from); // does not wait for the acknowledgement
    from.pump(false, 0ms);
    return true;
  case 2:
    return true;
  default:
    from.close();
    return false;
  }
}

// -- the goals of the phases ----------------------------------------------------------------------

void client::update_done() {
  waits_for_ = unacked_.size();
  const auto now = shared_.now.load();
  if (now == phase::finish) {
    const auto behind = std::find_if(rooms_.begin(), rooms_.end(),
                                     [this](auto& room) { return !has_read_all(room.second); });
    const std::lock_guard guard{mutex_};
    behind_ = behind == rooms_.end() ? "" : behind->first;
  }
  done_in_ = has_reached(now) ? now : phase::storm;
}

bool client::has_reached(phase goal) const {
  if (goal == phase::settle)
    return unacked_.empty();
  if (goal != phase::finish || !greeted_ || !asked_)
    return false;
  const bool read = std::all_of(rooms_.begin(), rooms_.end(),
                                [this](auto& room) { return has_read_all(room.second); });
  return read && (!knows_forks_ || (unacked_.empty() && !holds_lost_messages()));
}

bool client::has_read_all(const subscription& of) const {
  const auto newest = shared_.newest.find(of.reads->room);
  return of.leaving ||
         (of.answered && (newest == shared_.newest.end() || of.reads->cursor() >= newest->second));
}

std::string client::name_of(const std::string& room) const {
  return "client " + std::to_string(index_) + " in " + room;
}

std::string client::state() const {
  const std::lock_guard guard{mutex_};
  return "client " + std::to_string(index_) + " waits for " + std::to_string(waits_for_) + " acks" +
         (behind_.empty() ? "" : " and for " + behind_) + ", and has read up to id " +
         std::to_string(read_to_);
}

} // namespace torture
