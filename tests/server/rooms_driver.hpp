// Clients that subscribe, unsubscribe, write, stall, drop their connections and come back, at
// random over many rooms. Knows the hub's frames and what a client remembers. Must not know what
// the frames promise: the records and their judge do.
#pragma once

#include "tests/server/rooms_record.hpp"
#include "tests/support/visitor.hpp"

#include <memory>
#include <random>

namespace test {

/// The clients of one run. The same seed gives the same actions, although the answers of the hubs
/// may come in another order. *Threads*: the thread that made the hubs.
class rooms_driver {
public:
  static constexpr std::size_t clients = 12, rooms = 30, max_rooms = 20;

  /// The settings of the hubs.
  static settings hub_settings();

  /// The hubs share one database and outlive the driver.
  rooms_driver(std::vector<hub*> hubs, std::uint64_t seed);

  /// Writes so many messages to each of these rooms, more than the hot tail of a restarted hub has.
  void fill(const std::vector<std::string>& names, std::size_t count);

  /// Performs so many random actions.
  void act(std::size_t actions);

  /// Kills a hub and starts it again. Its clients come back by later actions.
  void restart_hub();

  /// Brings every client back and lets each of them read everything that is due: the answers, the
  /// true number of people of each room, and the newest message of each room.
  void finish(const database& db);

  const std::deque<connection_record>& records() const { return records_; }

  /// How often something happened that the run is to test.
  const std::map<std::string, std::size_t>& counts() const { return counts_; }

private:
  struct client {
    std::string name;
    bool small = false;                ///< Uses small buffers, so it falls behind soon.
    std::unique_ptr<ws_client> socket; ///< Null while it is not connected.
    connection_record* record = nullptr;
    std::size_t stalls_until = 0; ///< The number of the action until which it does not read.
    std::size_t unread = 0;       ///< The bytes that it has read since a stall, at the end of one.
    std::map<std::string, std::vector<row_id>> read; ///< Cursors of each room, the newest last.
    std::map<std::string, json> unacked;             ///< Keyed messages, to be sent again.
  };

  /// A cursor for a room: the fields of a frame, and the cursor if it is to be resumed.
  struct choice {
    json fields = json::object();
    std::optional<row_id> after = {};
  };

  std::size_t between(std::size_t least, std::size_t most);
  bool chance(int percent);
  std::string some_room();
  choice choose_cursor(client& of, const std::string& room);

  void act_once();
  void connect(client& who);
  void come_back(client& who, std::vector<json>& frames);
  void ask_for(client& who, const std::string& room, std::vector<json>& frames);
  void send_burst(client& who, std::size_t frames);
  json some_message(client& who);
  void drop(client& who);
  void read(client& who);
  void remember(client& who);
  void forget_socket(client& who);
  bool all_settled();
  bool presence_is_true();
  std::string state() const;

  const std::vector<hub*> hubs_;
  std::mt19937_64 random_;
  std::vector<client> clients_;
  std::deque<connection_record> records_;
  std::string log_;
  std::size_t action_ = 0, texts_ = 0, restarted_ = 0;
  std::map<std::string, std::size_t> counts_;
};

} // namespace test
