#include "net/transport/lingering_close.hpp"

#include <boost/asio/co_spawn.hpp>

namespace hubbub {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds at_most{4};

/// So few on one thread are read as fast as they write.
constexpr std::size_t few = 16;

thread_local std::size_t lingering = 0;

struct lingerer {
  lingerer() { ++lingering; }
  ~lingerer() { --lingering; }
  lingerer(const lingerer&) = delete;
};

awaitable<void> read_out(tcp_stream peer) {
  const lingerer one;
  const auto end = clock::now() + at_most;
  peer.finish();
  peer.expires_after(at_most);
  io_timer pause(peer.get_executor());
  for (int reads = 0; clock::now() < end; ++reads) {
    const auto [gone] = co_await peer.async_wait(tcp_socket::wait_read, as_result);
    if (gone || !peer.discard())
      break;
    if (lingering > few && reads >= reads_without_pause) {
      pause.expires_after(read_pause);
      co_await pause.async_wait(as_result);
    }
  }
  peer.close();
}

} // namespace

void close_after_reading(tcp_stream peer, completion<boost::system::error_code> closed) {
  const auto where = peer.get_executor();
  asio::co_spawn(where, read_out(std::move(peer)),
                 [closed = std::move(closed)](const std::exception_ptr&) mutable { closed({}); });
}

} // namespace hubbub
