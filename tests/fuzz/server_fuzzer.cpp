// The whole server in this process, and one stranger after another who sends it any bytes. Whatever
// comes, everything the server says is judged, each conversation ends, and the next is served.
// The first byte of an input says what the others are: a connection's first bytes, frames behind a
// handshake as they are, or the makings of frames, which are masked and ended by a close.
#include "net/server/gateway.hpp"
#include "storage/sql_log.hpp"

#include "tests/fuzz/property.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/transcript.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <unistd.h>

using namespace hubbub;
using namespace std::chrono_literals;

namespace {

options settings_for(const std::string& folder) {
  options out;
  out.host = "127.0.0.1";
  out.port = 0;
  out.threads = 1;
  out.store = parse_database_url("sqlite:///" + folder + "/fuzz.db");
  out.public_dir = PUBLIC_DIR "/page";
  out.client_dir = PUBLIC_DIR "/client";
  out.own_page = true;
  return out;
}

/// Lives as long as the process: nothing here can be undone while its threads run.
struct server {
  test::temp_dir folder;
  options settings = settings_for(folder.path());
  lanes threads;
  std::unique_ptr<gateway> door;
  std::unique_ptr<hub> actors;

  server() {
    std::signal(SIGPIPE, SIG_IGN);
    static const auto& files = folder;
    std::atexit([] { // before CAF's statics end under its threads
      std::filesystem::remove_all(files.path());
      _exit(EXIT_SUCCESS);
    });
    spdlog::set_level(spdlog::level::warn);
    threads.push_back(
        std::make_unique<lane>("io 1", lane::limits{}, std::make_shared<hub_counters>()));
    door = std::make_unique<gateway>(settings, threads);
    actors = std::make_unique<hub>(hub_settings{
        .make_log = [where = settings.store] { return make_sql_log(where); }, .rate = 0});
    door->start(*actors);
  }
};

/// In a room of its own, so that no history grows.
std::string handshake() {
  static std::uint64_t rooms = 0;
  return "GET /ws?room=r" + std::to_string(++rooms) +
         " HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

/// A frame for each group of bytes: the first bits, a length, a payload.
std::string framed(std::string_view makings) {
  std::string out;
  while (makings.size() >= 2) {
    const auto bits = static_cast<std::uint8_t>(makings[0]);
    const auto length =
        std::min<std::size_t>(static_cast<std::uint8_t>(makings[1]), makings.size() - 2);
    out += test::encode(test::ws_frame{static_cast<test::opcode>(bits & 0xF),
                                       std::string(makings.substr(2, length)), (bits & 0x80) != 0,
                                       static_cast<std::uint8_t>(bits >> 4 & 7)});
    makings.remove_prefix(2 + length);
  }
  return out + test::encode(test::ws_frame{test::opcode::close, "\x03\xE8"});
}

/// Reads until that many bytes behave so, or the end.
template<class Done>
void read_until(test::connection& line, std::string& in, Done done) {
  while (!done(test::judge(in, true)) && line.read_some(in)) {
  }
}

void talk(std::uint16_t port, std::string_view input) {
  const auto kind = input.empty() ? 0 : input[0] % 3;
  const auto rest = input.substr(std::min<std::size_t>(1, input.size()));
  test::connection line(port);
  std::string in;
  if (kind == 0)
    line.send(rest);
  else {
    line.send(handshake());
    read_until(line, in, [](const auto& all) { return !all.events.empty(); });
    line.send(kind == 1 ? std::string(rest) : framed(rest));
  }
  if (kind == 2)
    read_until(line, in, [](const auto& all) { return all.close.has_value(); });
  line.finish();
  in += line.read_until_closed();
  const auto all = test::judge(in, kind == 0);
  claim(kind != 2 || (all.close && all.unfinished == 0), "a conversation ends with a close");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto& hub = *new server;
  static std::uint64_t inputs = 0;
  try {
    talk(hub.door->port(), {reinterpret_cast<const char*>(data), size});
    if (++inputs % 64 == 0)
      test::eventually("the hub to be well afterwards", [] { // a disk may be slow for a while
        return test::fetch(hub.door->port(), "/health").status == 200;
      });
  } catch (const std::exception& e) {
    claim(false, e.what());
  }
  return 0;
}
