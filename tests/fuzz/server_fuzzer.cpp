// The whole server in this process, and one client after another that sends it any bytes. Checks
// everything that the server sends, that each connection ends, and that the next client is served.
// The first byte of an input says what the other bytes are: the first bytes of a connection, raw
// bytes after a handshake, or descriptions of frames, which are masked and followed by a close.
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

/// Lifetime: as long as the process, because its threads use it until the end.
struct server {
  test::temp_dir folder;
  options settings = settings_for(folder.path());
  io_threads threads;
  std::unique_ptr<gateway> door;
  std::unique_ptr<hub> actors;

  server() {
    std::signal(SIGPIPE, SIG_IGN);
    static const auto& files = folder;
    std::atexit([] { // before CAF's static objects are destroyed while its threads run
      std::filesystem::remove_all(files.path());
      _exit(EXIT_SUCCESS);
    });
    spdlog::set_level(spdlog::level::warn);
    threads.push_back(
        std::make_unique<io_thread>("io 1", io_thread::limits{}, std::make_shared<hub_counters>()));
    door = std::make_unique<gateway>(settings, threads);
    actors = std::make_unique<hub>(hub_settings{
        .make_log = [where = settings.store] { return make_sql_log(where); }, .rate = 0});
    door->start(*actors);
  }
};

/// Each client has a room of its own, so that histories stay empty.
std::string handshake() {
  static std::uint64_t rooms = 0;
  return "GET /ws?room=r" + std::to_string(++rooms) +
         " HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

/// Makes a frame of each group of bytes: the bits of the first byte, a length, a payload.
std::string framed(std::string_view descriptions) {
  std::string out;
  while (descriptions.size() >= 2) {
    const auto bits = static_cast<std::uint8_t>(descriptions[0]);
    const auto length =
        std::min<std::size_t>(static_cast<std::uint8_t>(descriptions[1]), descriptions.size() - 2);
    out += test::encode(test::ws_frame{
        static_cast<test::opcode>(bits & 0xF), std::string(descriptions.substr(2, length)),
        (bits & 0x80) != 0, static_cast<std::uint8_t>(bits >> 4 & 7)});
    descriptions.remove_prefix(2 + length);
  }
  return out + test::encode(test::ws_frame{test::opcode::close, "\x03\xE8"});
}

/// Reads until `done` is true of what was received, or until the end.
template<class Done>
void read_until(test::connection& peer, std::string& in, Done done) {
  while (!done(test::judge(in, true)) && peer.read_some(in)) {
  }
}

void talk(std::uint16_t port, std::string_view input) {
  const auto kind = input.empty() ? 0 : input[0] % 3;
  const auto rest = input.substr(std::min<std::size_t>(1, input.size()));
  test::connection peer(port);
  std::string in;
  if (kind == 0)
    peer.send(rest);
  else {
    peer.send(handshake());
    read_until(peer, in, [](const auto& all) { return !all.events.empty(); });
    peer.send(kind == 1 ? std::string(rest) : framed(rest));
  }
  if (kind == 2)
    read_until(peer, in, [](const auto& all) { return all.close.has_value(); });
  peer.finish();
  in += peer.read_until_closed();
  const auto all = test::judge(in, kind == 0);
  claim(kind != 2 || (all.close && all.unfinished == 0), "a connection ends with a close");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto& hub = *new server;
  static std::uint64_t inputs = 0;
  try {
    talk(hub.door->port(), {reinterpret_cast<const char*>(data), size});
    if (++inputs % 64 == 0)
      test::eventually("the hub to be healthy",
                       [] { // a slow disk may make the hub degraded for a while
                         return test::fetch(hub.door->port(), "/health").status == 200;
                       });
  } catch (const std::exception& e) {
    claim(false, e.what());
  }
  return 0;
}
