// A running hubbub: the real program over real sockets. Knows how the hub is started, stopped,
// paused and killed. Must not know its frames.
#pragma once

#include "tests/support/database.hpp"
#include "tests/support/process.hpp"
#include "tests/support/socket.hpp"

#include <cstdint>

namespace test {

using settings = std::map<std::string, std::string>;

/// The command that runs hubbub. The binary is the one that was built with the tests, or the one
/// that the environment variable HUBBUB names. The hub runs in a folder of the tests. Unless HOST
/// and PORT are given, the hub listens on 127.0.0.1 and any free port, so it cannot conflict with a
/// hub in use on the same machine.
command hub_command(settings environment, std::vector<std::string> flags = {});

/// Whether that binary is built with a sanitizer, which makes it several times slower and larger.
bool is_instrumented();

/// A hub that listens on 127.0.0.1 when the constructor returns. The destructor kills it. If the
/// hub has ended by itself, the destructor writes the hub's output to standard error. RATE_LIMIT is
/// 0 unless it is given, so that tests may send quickly. *Threads*: the thread that constructed it,
/// because the kernel kills the hub when that thread ends; `resident` may also be called from
/// others.
class hub {
public:
  explicit hub(const database& where, const settings& extra = {});
  /// `binary` is the path of another version of hubbub. If empty, it is that of `hub_command`.
  explicit hub(settings all, std::string binary = {});
  ~hub();

  std::uint16_t port() const { return port_; }
  process& server() { return *server_; }

  /// Sends the signal, waits for the end and returns the exit code. Records how long an orderly
  /// stop took.
  int stop(int signal = 15 /* SIGTERM */, deadline until = patience);
  void kill();
  void pause() { server_->signal(19 /* SIGSTOP */); }
  void resume() { server_->signal(18 /* SIGCONT */); }

  /// From the next start on, the hub is that other version. If empty, it is that of `hub_command`.
  void set_binary(std::string path) { binary_ = std::move(path); }

  /// Starts the hub again with the same settings and on the same port. The hub must have ended.
  void start();

  /// Waits until the hub's log contains `words`.
  void logs(const std::string& words);

  /// The resident memory in bytes.
  std::size_t resident() const;

private:
  held_port held_;
  settings settings_;
  std::string binary_;
  std::uint16_t port_ = 0;
  std::unique_ptr<process> server_;
  bool ended_by_test_ = false;
};

} // namespace test
