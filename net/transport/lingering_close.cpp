#include "net/transport/lingering_close.hpp"

#include <boost/asio/co_spawn.hpp>

namespace hubbub {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds max_duration{4};

/// Up to this many lingering connections of one thread are read without pauses.
constexpr std::size_t max_unpaced = 16;

thread_local std::size_t lingering_count = 0;

struct count_guard {
  count_guard() { ++lingering_count; }
  ~count_guard() { --lingering_count; }
  count_guard(const count_guard&) = delete;
};

awaitable<void> discard_input(tcp_stream peer) {
  const count_guard guard;
  const auto end = clock::now() + max_duration;
  peer.shutdown_send();
  peer.expires_after(max_duration);
  io_timer pause(peer.get_executor());
  for (int reads = 0; clock::now() < end; ++reads) {
    const auto [ec] = co_await peer.async_wait(tcp_socket::wait_read, as_result);
    if (ec || !peer.discard())
      break;
    if (lingering_count > max_unpaced && reads >= unpaced_reads) {
      pause.expires_after(read_interval);
      co_await pause.async_wait(as_result);
    }
  }
  peer.close();
}

} // namespace

void close_after_reading(tcp_stream peer, completion<boost::system::error_code> closed) {
  const auto where = peer.get_executor();
  asio::co_spawn(where, discard_input(std::move(peer)),
                 [closed = std::move(closed)](const std::exception_ptr&) mutable { closed({}); });
}

} // namespace hubbub
