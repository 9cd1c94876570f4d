// Somebody in the hub, with manners from a seed: talks, reads at an odd pace, drops the line,
// comes back with a cursor, and sends again what was not acknowledged.
// Knows the hub's frames and what they promise; must not know who hurts the hub, or the table.
#pragma once

#include "tests/torture/book.hpp"
#include "tests/torture/dice.hpp"
#include "tests/torture/line.hpp"

#include <condition_variable>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace torture {

/// What the clients are to do, in this order.
enum class phase {
  storm,  ///< Anything.
  settle, ///< Say nothing new; send again until all is acknowledged.
  finish, ///< Read up to the newest message of the room.
  over,
};

/// What the clients share.
struct world {
  std::uint16_t port = 0;
  std::atomic<phase> now = phase::storm; ///< Changed by `enter` alone.
  std::atomic<int> hub = 0; ///< Counts the processes of the only hub; -1: it is one of several.
  std::atomic<bool> hush = false; ///< Nobody is to say anything.
  book notes;

  /// Begins a phase, and wakes those who rest.
  void enter(phase next);

  /// Returns after that time, or when the phase changes.
  void rest(std::chrono::milliseconds time);

  /// Whether whoever comes back under this log's name is known there. The first to call names it.
  bool is_log(const std::string& name);
  std::string log() const;

  /// Messages that somebody else may send too, under the same key.
  void lend(const post& what);
  std::optional<post> borrow(dice& by);

  std::map<std::string, row_id> newest; ///< Of each room; set before `finish`.

private:
  mutable std::mutex mutex_;
  std::condition_variable entered_;
  std::string log_;
  std::vector<post> lent_;
};

class client {
public:
  client(int index, std::uint64_t seed, world& where);

  /// Until the phase is `over`.
  void run();

  /// Whether the present phase is done with. Any thread.
  bool done() const { return done_; }

  /// When `run` has returned, or from any thread by what is at stake if it hangs.
  const diary& written() const { return diary_; }
  std::string state() const;

private:
  /// When to do what on this line.
  struct plan {
    clock::time_point talk, leave, stop_reading, read_on;
  };

  void sit();
  void choose_reading();
  std::string target() const;
  test::deadline opening_time();

  void hear(const nlohmann::json& frame, plan& plan);
  void begin(const nlohmann::json& init);
  void note(const nlohmann::json& message, const std::string& room);
  void take_ack(const nlohmann::json& ack);
  void take_error(const nlohmann::json& error);

  void talk(line& to, plan& plan);
  void say_new(line& to);
  void say(line& to, row_id index);
  void say_again(line& to);
  bool leave(line& from, plan& plan);
  void check_done();

  const int index_;
  const bool steady_, slow_;
  world& where_;
  dice dice_;
  diary diary_;
  reading* reading_ = nullptr;
  sitting* sitting_ = nullptr;
  bool greeted_ = false; ///< Its `init` has come.
  bool expects_resume_ = false;
  std::string room_;
  std::map<row_id, clock::time_point> unacked_; ///< And when to send it again.
  std::map<std::string, row_id> by_key_;
  std::atomic<bool> done_ = false;
  std::atomic<std::size_t> waits_for_ = 0;
  std::atomic<row_id> read_to_ = 0;
};

} // namespace torture
