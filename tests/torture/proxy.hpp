// A TCP proxy between a hub and PostgreSQL that injects faults: it cuts connections in the middle
// of a commit, stalls them and refuses them. Knows bytes, and how to recognise a commit and a
// LISTEN in them; must not know which hub it serves.
#pragma once

#include "tests/support/socket.hpp"
#include "tests/torture/random_source.hpp"
#include "tests/torture/tcp.hpp"

#include <atomic>
#include <list>
#include <thread>

namespace torture {

/// Listens on 127.0.0.1 and relays to another port there, with a thread of its own. Threads: any
/// thread may call any function.
class proxy {
public:
  proxy(std::uint16_t to, std::uint64_t seed);
  ~proxy();

  std::uint16_t port() const { return port_.number(); }

  /// While off, the kernel refuses new connections, as where no server runs. libpq then tries the
  /// next server of its list, which it does not do after a connection that was accepted and cut.
  void listen(bool on) { listens_ = on; }

  /// While on, no byte passes in either direction, and connections stay open.
  void stall(bool on) { stalls_ = on; }

  /// As `stall`, for half of the connections.
  void stall_some(bool on) { stalls_some_ = on; }

  /// While on, cuts every connection, and each new one at once.
  void refuse(bool on) { refuses_ = on; }

  /// While on, cuts connections at random, and half of the new ones at once.
  void flicker(bool on) { flickers_ = on; }

  /// Cuts the connections of the next commits: before the commit reaches the server, in the middle
  /// of it, before its answer, or in such a way that it reaches the server after the hub has lost
  /// the connection.
  void cut_commits(int count) { cuts_ = count; }
  int cuts_left() const { return cuts_; }
  int cuts_done() const { return cuts_done_; }

  /// Delays the next commit of a transaction until `heal`.
  void hold_commit() { held_ = hold::wanted; }
  bool holds_commit() const { return held_ == hold::done; }

  /// The sessions that listen now get no more bytes, and no end of the stream either. `heal` does
  /// not undo this.
  void lose_listeners() { loses_listeners_ = true; }

  /// Ends every fault except lost listeners.
  void heal();

private:
  using clock = std::chrono::steady_clock;
  enum class fate { none, swallow, late, held, lost };
  enum class hold { none, wanted, done };

  struct relay {
    test::descriptor hub, server;
    bool odd = false, listens = false;
    std::string to_hub, to_server;
    fate next = fate::none;
    clock::time_point at =
        {}; ///< When a late commit is sent, or when the connection ends after that.
    bool dead = false;
  };

  void run();
  void accept();
  void deliver(relay& on);
  void from_hub(relay& on);
  void from_server(relay& on);
  void cut(relay& on, const std::string& bytes);
  void cut_hub(relay& on);

  const std::uint16_t to_;
  random_source random_;
  const test::held_port port_;
  std::optional<listener> listener_; ///< None while the proxy does not listen.
  std::list<relay> relays_;
  bool odd_ = false;
  std::atomic<bool> stalls_ = false, stalls_some_ = false, refuses_ = false, flickers_ = false,
                    loses_listeners_ = false, listens_ = true, stops_ = false;
  std::atomic<int> cuts_ = 0, cuts_done_ = 0;
  std::atomic<hold> held_ = hold::none;
  std::thread thread_;
};

} // namespace torture
