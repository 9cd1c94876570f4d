// One thread a client; one line at a time, from its opening to its end in `sit`.
#include "tests/torture/client.hpp"

#include <algorithm>

namespace torture {

namespace {

using namespace std::chrono_literals;

const std::vector<std::string> big_rooms{"lobby", "lobby", "garden", "attic"};
constexpr int small_rooms = 12; ///< Often empty, so that they begin anew.

} // namespace

client::client(int index, std::uint64_t seed, world& where)
    : index_{index}, steady_{index == 0}, slow_{index % 4 == 1}, where_{where},
      dice_{seed, static_cast<std::uint64_t>(index) + 1}, room_{steady_ ? "lobby"
                                                                        : dice_.pick(big_rooms)} {}

void client::run() {
  while (where_.now != phase::over)
    try {
      sit();
    } catch (const line_lost& end) {
      if (end.code != 1006 && end.code != 1012 && end.code != 1000 && end.code != 1005)
        where_.notes.violation("client " + std::to_string(index_) + " was closed with " +
                               std::to_string(end.code) + ' ' + end.reason);
      where_.notes.count(end.code == 1012  ? "lines closed by a stop"
                         : sitting_->asked ? "lines lost"
                                           : "connections refused");
      where_.rest(std::chrono::milliseconds{dice_.between(5, steady_ ? 20 : 150)});
    } catch (const test::timeout&) {
      where_.notes.count("upgrades given up");
    } catch (const std::exception& error) {
      where_.notes.violation("client " + std::to_string(index_) + ": " + error.what());
      where_.rest(100ms);
    }
}

// -- one line -------------------------------------------------------------------------------------

void client::sit() {
  choose_reading();
  sitting_ = &diary_.sittings.emplace_back();
  greeted_ = false;
  auto hub = where_.hub.load();
  auto asked = target();
  line to{where_.port, asked, slow_ ? buffers::tiny : buffers::normal, opening_time()};
  sitting_->asked = true;
  where_.notes.count("connections");
  auto began = clock::now();
  const auto never = began + 1h;
  plan plan{began, never, never, never};
  if (!steady_)
    plan.leave = began + dice_.pause(3s);
  if (slow_ || dice_.chance(0.2))
    plan.stop_reading = began + dice_.pause(1s);
  const bool early = dice_.chance(0.5); // may talk before it is greeted
  for (auto& [index, again] : unacked_)
    again = began;
  while (where_.now != phase::over) {
    const bool storm = where_.now == phase::storm;
    auto now = clock::now();
    if (!storm)
      plan.stop_reading = plan.leave = never, plan.read_on = now;
    const bool reads = now < plan.stop_reading || now >= plan.read_on;
    if (reads && now >= plan.read_on && storm) {
      plan.stop_reading = slow_ ? now + dice_.pause(1500ms) : never;
      plan.read_on = never;
    } else if (!reads && plan.read_on == never) {
      plan.read_on = now + dice_.pause(slow_ ? 2s : 300ms);
      where_.notes.count("naps");
    }
    if (greeted_ || early)
      talk(to, plan);
    to.pump(reads, std::chrono::milliseconds{10});
    if (reads)
      while (auto text = to.next())
        hear(nlohmann::json::parse(*text), plan);
    if (greeted_ && hub >= 0 && sitting_->hub == 0)
      sitting_->hub = where_.hub == hub ? hub : -1;
    check_done();
    if (now >= plan.leave && leave(to, plan))
      return;
  }
}

/// In the storm a connection may have come to a hub that stands still, and is given up; whoever is
/// steady does so soonest. Afterwards only a busy machine takes long.
test::deadline client::opening_time() {
  if (where_.now != phase::storm)
    return test::patience / 4;
  return std::chrono::milliseconds{steady_ ? 1000 : dice_.between(500, 4000)};
}

void client::choose_reading() {
  const bool storm = where_.now == phase::storm;
  auto of_room = [&]() -> reading* {
    for (auto at = diary_.readings.rbegin(); at != diary_.readings.rend(); ++at)
      if (at->room == room_ && at->opened)
        return &*at;
    return nullptr;
  };
  auto fate = dice_.between(0, 99);
  if (storm && !steady_ && fate < 12)
    room_ = dice_.chance(0.5) ? dice_.pick(big_rooms)
                              : "side-" + std::to_string(dice_.between(1, small_rooms));
  reading_ = of_room();
  if (reading_ == nullptr || (storm && fate >= 90)) {
    reading_ = &diary_.readings.emplace_back(reading{.room = room_});
  } else if (storm && !steady_ && fate >= 84 && reading_->ids.size() > 1) {
    // An older cursor, as a client has that crashed: all after it comes once more.
    auto from = fate == 84 ? 0 : dice_.pick(reading_->ids);
    reading_ = &diary_.readings.emplace_back(reading{.room = room_, .after = from});
  }
}

std::string client::target() const {
  auto log = where_.log();
  std::string query = "/ws?room=" + room_;
  if (reading_->opened || (reading_->after && !log.empty()))
    query += "&after=" + std::to_string(reading_->cursor()) + "&log=" + log;
  return query;
}

/// Whether the line is to be left at once. Else a closing handshake has begun, which ends it.
bool client::leave(line& from, plan& plan) {
  plan.leave = clock::now() + 2s; // or else without an answer
  switch (dice_.between(0, 3)) {
  case 0:
    from.reset();
    return true;
  case 1:
    if (greeted_ && !where_.hush)
      say_new(from); // and does not wait to see what becomes of it
    from.pump(false, 0ms);
    return true;
  case 2:
    return true;
  default:
    from.close();
    return false;
  }
}

// -- the end --------------------------------------------------------------------------------------

void client::check_done() {
  waits_for_ = unacked_.size();
  switch (where_.now.load()) {
  case phase::settle:
    done_ = unacked_.empty();
    return;
  case phase::finish: {
    auto newest = where_.newest.find(room_);
    done_ = greeted_ && (newest == where_.newest.end() || reading_->cursor() >= newest->second);
    return;
  }
  default:
    done_ = false;
  }
}

std::string client::state() const {
  return "client " + std::to_string(index_) + " waits for " + std::to_string(waits_for_) +
         " acks and has read up to id " + std::to_string(read_to_);
}

} // namespace torture
