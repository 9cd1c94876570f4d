// A running hubbub: the real program over real sockets. Knows how it is started, stopped and
// hurt, and nothing of its frames.
#pragma once

#include "tests/support/database.hpp"
#include "tests/support/process.hpp"
#include "tests/support/socket.hpp"

#include <cstdint>

namespace test {

using settings = std::map<std::string, std::string>;

/// How hubbub is run, for a test that looks at the program itself. The binary is the one that was
/// built with the tests, or that which the environment variable HUBBUB names. It runs in a folder
/// of the tests' own, and unless HOST and PORT are given, it listens on 127.0.0.1 and any free
/// port: no hub of a test can be in the way of a real one, or that one in its.
command hub_command(settings environment, std::vector<std::string> flags = {});

/// Whether that binary watches itself by a sanitizer: then it is several times slower and bigger.
bool is_instrumented();

/// Starts with its maker and listens on 127.0.0.1 when that returns; ends with its owner. If it
/// ended by itself its output goes to standard error, where a person looks for the reason.
/// Of the settings, RATE_LIMIT is 0 unless given, because tests are in a hurry.
class hub {
public:
  explicit hub(const database& where, const settings& extra = {});
  explicit hub(settings all);
  ~hub();

  std::uint16_t port() const { return port_; }
  process& server() { return *server_; }

  /// The ordered stop: sends the signal, returns the exit code. How long it took is noted as a
  /// figure.
  int stop(int signal = 15 /* SIGTERM */, deadline until = patience);
  void kill();
  void pause() { server_->signal(19 /* SIGSTOP */); }
  void resume() { server_->signal(18 /* SIGCONT */); }

  /// Starts again with the same settings and on the same port, once it has ended.
  void start();

  /// Waits until its log has these words.
  void logs(const std::string& words);

  /// Resident memory, in bytes.
  std::size_t resident() const;

private:
  held_port held_;
  settings settings_;
  std::uint16_t port_ = 0;
  std::unique_ptr<process> server_;
  bool ended_by_test_ = false;
};

} // namespace test
