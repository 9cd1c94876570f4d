#include "net/server/early_refusal.hpp"

#include "net/http/http_message.hpp"

#include <boost/beast/http/write.hpp>

#include <sstream>
#include <sys/socket.h>

namespace hubbub {

namespace {

std::string render_refusal() {
  std::ostringstream out;
  out << last_response({problem_code::no_memory, "There is no memory for more connections"}, 5);
  return out.str();
}

} // namespace

void send_early_refusal(tcp_socket socket, completion<boost::system::error_code> closed) {
  static const auto bytes = render_refusal();
  // Nothing was sent before, so the answer fits into the socket's buffer.
  ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  close_after_reading(tcp_stream(std::move(socket)), std::move(closed));
}

} // namespace hubbub
