#include "net/linger.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include <array>

namespace hubbub {

namespace {

namespace asio = boost::asio;
using executor = asio::io_context::executor_type;
using stream = boost::beast::basic_stream<asio::ip::tcp, executor>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<executor>{});

asio::awaitable<void, executor> read_out(tcp_socket socket) {
  boost::system::error_code gone;
  socket.shutdown(tcp_socket::shutdown_send, gone);
  stream peer(std::move(socket));
  peer.expires_after(std::chrono::seconds(4));
  std::array<char, 4096> unheard; // there may be many such peers when memory is short
  pause_timer pause(peer.get_executor());
  for (int reads = 0; !gone; ++reads) {
    if (reads >= heard_at_once) {
      pause.expires_after(leisure);
      co_await pause.async_wait(as_result);
    }
    gone = std::get<0>(co_await peer.async_read_some(asio::buffer(unheard), as_result));
  }
}

} // namespace

void linger(line peer, completion<boost::system::error_code> closed) {
  const auto where = peer.get_executor();
  asio::co_spawn(where, read_out(peer.finish()),
                 [closed = std::move(closed)](const std::exception_ptr&) mutable { closed({}); });
}

} // namespace hubbub
