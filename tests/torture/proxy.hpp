// The way from the hub to PostgreSQL, which can be cut in the middle of a commit, stalled, refused.
// Knows bytes, and by which of them a commit or a listener is told; must not know who is hurt by
// it.
#pragma once

#include "tests/torture/dice.hpp"
#include "tests/torture/tcp.hpp"

#include <atomic>
#include <list>
#include <thread>

namespace torture {

/// Listens on 127.0.0.1 and passes on to a port there, until it is told otherwise. Any thread may
/// tell it.
class proxy {
public:
  proxy(std::uint16_t to, std::uint64_t seed);
  ~proxy();

  std::uint16_t port() const { return listener_.port(); }

  /// Nothing comes through in either direction; lines stay open.
  void stall(bool on) { stalls_ = on; }

  /// Half of the lines stand still, as above.
  void stall_some(bool on) { stalls_some_ = on; }

  /// Cuts every line, and each new one at once.
  void refuse(bool on) { refuses_ = on; }

  /// Lines are cut now and then, and half of the new ones at once.
  void flicker(bool on) { flickers_ = on; }

  /// The next commits are cut: before the server has it, in the midst of it, before the answer, or
  /// it arrives late, when the hub has long lost the line.
  void cut_commits(int count) { cuts_ = count; }
  int cuts_left() const { return cuts_; }
  int cuts_done() const { return cuts_done_; }

  /// Keeps the next commit of a transaction back, and lets it go when healed.
  void hold_commit() { held_ = hold::wanted; }
  bool holds_commit() const { return held_ == hold::done; }

  /// What listens now hears nothing from here on, and is not told so: not even healing mends it.
  void lose_listeners() { loses_listeners_ = true; }

  /// As in the beginning.
  void heal();

private:
  using clock = std::chrono::steady_clock;
  enum class fate { none, swallow, late, held, lost };
  enum class hold { none, wanted, done };

  struct line {
    test::descriptor near, far; ///< The hub, and the server.
    bool odd = false, listens = false;
    std::string to_near, to_far;
    fate next = fate::none;
    clock::time_point at = {}; ///< Of what is late, or of the end if that was sent.
    bool dead = false;
  };

  void run();
  void accept();
  void turn(line& on);
  void from_near(line& on);
  void from_far(line& on);
  void cut(line& on, const std::string& bytes);
  void cut_near(line& on);

  const std::uint16_t to_;
  dice dice_;
  const listener listener_;
  std::list<line> lines_;
  bool odd_ = false;
  std::atomic<bool> stalls_ = false, stalls_some_ = false, refuses_ = false, flickers_ = false,
                    loses_listeners_ = false, stops_ = false;
  std::atomic<int> cuts_ = 0, cuts_done_ = 0;
  std::atomic<hold> held_ = hold::none;
  std::thread thread_;
};

} // namespace torture
