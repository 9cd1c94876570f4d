#include "tests/torture/event_reader.hpp"

#include "tests/torture/ws_connection.hpp"

#include <algorithm>

namespace torture {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const std::vector<std::string> big_rooms{"lobby", "garden", "attic"};
constexpr int small_rooms = 60;

/// The number in an id, `LOG:ID`.
row_id number_in(const std::string& id) {
  return std::stoll(id.substr(id.rfind(':') + 1));
}

} // namespace

event_reader::event_reader(int index, std::uint64_t seed, shared_state& shared)
    : index_{index}, slow_{index % 4 == 1}, shared_{shared},
      random_{seed, 100'000 + static_cast<std::uint64_t>(index)} {
  record_.knows_forks = true;
  begin_anew();
}

/// Gives up all rooms, and takes others without an id.
void event_reader::begin_anew() {
  id_.clear();
  rooms_.clear();
  record_.current.clear();
  const auto many = index_ % 2 == 0 ? 1 : random_.between<std::size_t>(2, 30);
  while (rooms_.size() < many) {
    const auto room = random_.chance(0.4)
                          ? random_.pick(big_rooms)
                          : "side-" + std::to_string(random_.between(1, small_rooms));
    if (rooms_.contains(room))
      continue;
    auto& reads = record_.readings.emplace_back(reading{.room = room});
    rooms_[room] = {&reads};
    record_.current.insert(&reads);
  }
}

void event_reader::run() {
  while (shared_.now != phase::over)
    try {
      run_line();
    } catch (const connection_lost&) {
      shared_.found.count(closed_ ? "event streams closed by a stop" : "event streams lost");
      shared_.rest(std::chrono::milliseconds{random_.between(5, 150)});
    } catch (const test::timeout&) {
      shared_.found.count("event streams given up");
    } catch (const std::exception& error) {
      violation(error.what());
      shared_.rest(100ms);
    }
}

void event_reader::run_line() {
  if (shared_.now == phase::storm && random_.chance(0.08))
    begin_anew();
  began_at_ = id_;
  closed_ = false;
  for (auto& [room, each] : rooms_)
    each.answered = false, each.last = 0;
  first_ = std::next(rooms_.begin(), random_.between<long>(0, std::ssize(rooms_) - 1))->first;
  event_connection from{shared_.port, target(), id_,
                        slow_ ? receive_window::tiny : receive_window::normal, opening_time()};
  shared_.found.count("event streams");
  const auto began = clock::now();
  auto leaves = began + random_.pause(3s), pauses = began + random_.pause(1s), goes_on = began;
  while (shared_.now != phase::over) {
    const bool storm = shared_.now == phase::storm;
    const auto now = clock::now();
    if (storm && now >= pauses) {
      goes_on = now + random_.pause(slow_ ? 2s : 300ms);
      pauses = goes_on + random_.pause(slow_ ? 1500ms : 4s);
    }
    const bool reads = !storm || now >= goes_on;
    from.pump(reads, 10ms);
    while (reads) {
      const auto event = from.next();
      if (event)
        handle(*event);
      id_ = from.last_id().empty() ? id_ : from.last_id();
      if (!event || (storm && random_.chance(0.001)))
        break;
    }
    update_done();
    if (storm && now >= leaves) {
      if (random_.chance(0.5))
        from.reset();
      return;
    }
  }
}

/// As for the other clients: see `client::opening_time`.
test::deadline event_reader::opening_time() {
  if (shared_.now != phase::storm)
    return test::patience / 4;
  return std::chrono::milliseconds{random_.between(500, 4000)};
}

std::string event_reader::target() const {
  auto out = "/events?room=" + first_;
  for (const auto& [room, each] : rooms_)
    if (room != first_)
      out += "&room=" + room;
  return out;
}

// -- events ---------------------------------------------------------------------------------------

void event_reader::handle(const test::stream_event& event) {
  const auto data = json::parse(event.data);
  if (closed_)
    violation("got an event after close");
  if (event.type != "close" && data.at("type") != event.type)
    violation("an event " + event.type + " has the data " + event.data.substr(0, 300));
  if (event.type == "init" || event.type == "subscribed")
    handle_answer(data, event.type == "init");
  else if (event.type == "message")
    handle_message(data);
  else if (event.type == "fork") {
    if (auto* const of = find(data, true))
      handle_fork(data, *of->reads);
  } else if (event.type == "presence")
    find(data, true);
  else if (event.type == "close")
    handle_close(data);
  else
    throw std::runtime_error{"an unknown event " + event.type};
}

/// The subscription that an event names; see `client::find`.
event_reader::subscription* event_reader::find(const json& data, bool answered) {
  const auto at = rooms_.find(data.value("room", ""));
  if (at != rooms_.end() && at->second.answered == answered)
    return &at->second;
  violation("got an event that is not due: " + data.dump().substr(0, 300));
  return nullptr;
}

void event_reader::handle_answer(const json& answer, bool first) {
  if (!shared_.is_log(answer.at("log")))
    throw std::runtime_error{"the log has another UUID: " + answer.dump().substr(0, 300)};
  auto* const of = find(answer, false);
  if (of == nullptr)
    return;
  if (first != (answer.at("room") == first_))
    violation("got the wrong answer for the room: " + answer.dump().substr(0, 300));
  of->answered = true;
  auto& reads = *of->reads;
  const bool resumed = answer.at("resumed");
  if (resumed != !began_at_.empty() || (resumed && !answer.at("history").empty()))
    violation("came back with " + began_at_ + " and got " + answer.dump().substr(0, 300));
  if (resumed && !reads.opened)
    reads.after = number_in(began_at_); // the line broke before the room had its history
  if (resumed)
    reads.resumed.push_back(reads.ids.size());
  shared_.found.count("rooms of event streams resumed", resumed);
  if (answer.contains("fork"))
    handle_fork(answer.at("fork"), reads);
  reads.opened = true;
  for (const auto& message : answer.at("history"))
    add(message, *of);
  if (!resumed)
    reads.history = reads.ids.size();
}

void event_reader::handle_message(const json& message) {
  if (auto* const of = find(message, true))
    add(message, *of);
}

/// On one line a room is in order, and nothing comes twice. What a line before had already may come
/// again.
void event_reader::add(const json& message, subscription& to) {
  const shown what{message.at("id"),
                   message.at("room"),
                   message.at("text"),
                   message.at("connection_id"),
                   message.at("user_message_number"),
                   message.at("created_at")};
  shared_.found.see(what);
  shared_.found.see_data(what.id, message.contains("data") ? message["data"].dump() : "");
  shared_.found.count("deliveries of events");
  if (what.id <= to.last)
    violation("saw " + describe(what) + " after id " + std::to_string(to.last));
  to.last = what.id;
  auto& reads = *to.reads;
  if (what.id > reads.cursor()) {
    reads.ids.push_back(what.id);
    read_to_ = what.id;
    return;
  }
  shared_.found.count("repeats of events");
  const bool before_history = reads.history > 0 && what.id < reads.ids.front();
  if (!before_history && !std::binary_search(reads.ids.begin(), reads.ids.end(), what.id))
    violation("saw after id " + std::to_string(reads.cursor()) + " for the first time " +
              describe(what));
}

void event_reader::handle_fork(const json& what, reading& in) {
  const log_fork lost{what.at("after"), what.at("first")};
  shared_.found.told(lost);
  in.forget(lost);
  auto& last = rooms_.at(in.room).last;
  if (lost.covers(last))
    last = lost.after;
}

void event_reader::handle_close(const json& what) {
  closed_ = true;
  if (what.at("code") != 1012 || what.at("retry_after_ms") < 0)
    violation("was closed with " + what.dump());
}

// -- the goals of the phases ----------------------------------------------------------------------

void event_reader::update_done() {
  const auto now = shared_.now.load();
  const bool reached =
      now == phase::settle ||
      (now == phase::finish && std::all_of(rooms_.begin(), rooms_.end(), [this](auto& room) {
         return has_read_all(room.second);
       }));
  done_in_ = reached ? now : phase::storm;
}

bool event_reader::has_read_all(const subscription& of) const {
  const auto& reads = *of.reads;
  const auto newest = shared_.newest.find(reads.room);
  const bool holds_lost = std::any_of(reads.ids.begin(), reads.ids.end(), [this](row_id id) {
    return std::any_of(shared_.forks.begin(), shared_.forks.end(),
                       [id](auto& each) { return each.covers(id); });
  });
  return of.answered && !holds_lost &&
         (newest == shared_.newest.end() || reads.cursor() >= newest->second);
}

void event_reader::violation(const std::string& what) {
  shared_.found.violation("event reader " + std::to_string(index_) + ": " + what);
}

std::string event_reader::state() const {
  return "event reader " + std::to_string(index_) + " has read up to id " +
         std::to_string(read_to_);
}

} // namespace torture
