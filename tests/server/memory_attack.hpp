// An attack on the memory of a hub: clients that make the hub hold as many bytes as they can.
// Knows: what the clients do, and how often they did it. Must not know: how the hub protects
// itself.
#pragma once

#include "tests/server/background.hpp"
#include "tests/support/visitor.hpp"

#include <deque>
#include <memory>

namespace test {

constexpr std::size_t mebibyte = 1 << 20;

struct memory_attack_size {
  std::size_t headroom; ///< MEMORY_LIMIT minus the memory of an idle hub, in bytes.
  int slow_rooms;       ///< Rooms with flooding clients, whose messages delay all others.
  std::chrono::seconds duration;
  bool fills_up; ///< Whether the attack can reach the limit.
};

/// A hub with a sanitizer needs more memory for everything and ten times the time.
inline memory_attack_size usual_memory_attack() {
  return is_instrumented() ? memory_attack_size{300 * mebibyte, 2, 25s, false}
                           : memory_attack_size{46 * mebibyte, 6, 60s, true};
}

/// The number of rooms with a long history, "full0" and so on.
constexpr int full_rooms = 300;

inline std::string room_name(const std::string& kind, int number) {
  return kind + std::to_string(number);
}

/// A text of the largest allowed size.
inline const std::string& longest_text() {
  static const auto text = [] {
    std::string out;
    for (int point = 0; point < 1000; ++point)
      out += "😀";
    return out;
  }();
  return text;
}

/// How often the clients of an attack did something.
struct attack_counts {
  std::atomic<int> upgraded = 0, refused_upgrades = 0, resumed = 0, half_sent = 0;

  /// Whether every kind of client has had an effect, which takes a slow machine longer.
  bool done(const memory_attack_size& size) const {
    return upgraded > 0 && (refused_upgrades > 0 || !size.fills_up) && resumed > 0 && half_sent > 0;
  }
};

/// Sends the longest messages as fast as the hub reads them.
struct flooding_client {
  flooding_client(const hub& hub, std::string name) : where(hub), room(std::move(name)) {
    const auto frame = json{{"type", "message"}, {"text", longest_text()}}.dump();
    while (burst.size() < 16 * 1024)
      burst += encode(ws_frame{opcode::text, frame});
  }
  void operator()() {
    if (!client)
      client = std::make_unique<visitor>(where, "?room=" + room);
    try {
      client->send_raw(burst);
      client->hears();
    } catch (const std::exception&) {
      client.reset(); // perhaps in the middle of a frame
      throw;
    }
  }

  const hub& where;
  std::string room, burst;
  std::unique_ptr<visitor> client = {};
};

/// Opens connections to rooms with a long history and reads none of it. When the hub refuses a
/// connection, it closes all of them and starts again.
struct joining_clients {
  void operator()() {
    try {
      open.emplace_back(where.port(), "/ws?room=" + room_name("full", turn++ % full_rooms),
                        headers{}, connect_options{.receive_buffer = 8192});
      ++counts.upgraded;
    } catch (const refused& no) {
      ++counts.refused_upgrades;
      if (no.answer.status != 503 || no.answer.field("Retry-After").empty())
        failures.add("a new client is answered " + std::to_string(no.answer.status));
      open.clear();
    } catch (const std::exception& e) {
      failures.add(std::string("a new client: ") + e.what());
    }
  }

  const hub& where;
  attack_counts& counts;
  failure_list& failures;
  std::deque<ws_client> open = {};
  int turn = 0;
};

/// Resumes from the first message of a room and reads nothing.
struct resuming_clients {
  static constexpr std::size_t most_open = 150;

  void operator()() {
    open.emplace_back(where.port(),
                      "/ws?room=" + room_name("slow", turn++ % slow_rooms) + "&after=0&log=" + log,
                      headers{}, connect_options{.receive_buffer = 8192});
    ++counts.resumed;
    if (open.size() > most_open)
      open.pop_front();
  }

  const hub& where;
  attack_counts& counts;
  std::string log;
  int slow_rooms;
  std::deque<ws_client> open = {};
  int turn = 0;
};

/// Sends requests whose bodies are incomplete.
struct half_body_clients {
  static constexpr std::size_t most_open = 400;

  void operator()() {
    open.emplace_back(where.port());
    open.back().send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 16000\r\n\r\n" +
                     std::string(15'000, 'x'));
    open.back().readable(10ms); // the hub may refuse the request
    ++counts.half_sent;
    if (open.size() > most_open)
      open.pop_front();
  }

  const hub& where;
  attack_counts& counts;
  std::deque<connection> open = {};
};

/// Sends requests whose heads are large and incomplete.
struct half_head_clients {
  static constexpr std::size_t most_open = 400;

  void operator()() {
    open.emplace_back(where.port());
    open.back().send("GET / HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " +
                     std::string(31'000, 'x'));
    open.back().readable(10ms); // the hub may refuse the request
    ++counts.half_sent;
    if (open.size() > most_open)
      open.pop_front();
  }

  const hub& where;
  attack_counts& counts;
  std::deque<connection> open = {};
};

/// Sends frames that are incomplete.
struct half_frame_clients {
  static constexpr std::size_t most_open = 400;

  void operator()() {
    open.emplace_back(where.port(), "/ws?room=halves");
    open.back().send_raw(encode({opcode::text, std::string(15'000, 'x')}, 16'000));
    open.back().transport().readable(10ms);
    ++counts.half_sent;
    if (open.size() > most_open)
      open.pop_front();
  }

  const hub& where;
  attack_counts& counts;
  std::deque<ws_client> open = {};
};

/// Runs one flooding client in each slow room and one thread of each other kind, from construction
/// until `stop`. The hub must outlive it. `log` is the UUID of the hub's log.
class memory_attack {
public:
  memory_attack(const hub& where, const std::string& log, const memory_attack_size& size) {
    for (int i = 0; i < size.slow_rooms; ++i)
      add(flooding_client{where, room_name("slow", i)});
    add(joining_clients{where, counts, failures});
    add(resuming_clients{where, counts, log, size.slow_rooms});
    add(half_head_clients{where, counts});
    add(half_body_clients{where, counts});
    add(half_frame_clients{where, counts});
  }
  ~memory_attack() { stop(); }
  memory_attack(const memory_attack&) = delete;
  memory_attack& operator=(const memory_attack&) = delete;

  /// Ends all clients. All are told to stop first, because a client that goes on may delay another.
  void stop() {
    for (const auto& each : loops_)
      each->stop();
    loops_.clear();
  }

  attack_counts counts;
  failure_list failures;

private:
  template<class Client>
  void add(Client client) {
    loops_.push_back(std::make_unique<background_loop>(std::move(client)));
  }

  std::vector<std::unique_ptr<background_loop>> loops_;
};

} // namespace test
