#include "net/refusal.hpp"

#include "net/http_message.hpp"

#include <boost/beast/http/write.hpp>

#include <sstream>
#include <sys/socket.h>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

std::string no_memory() {
  http_request nothing;
  nothing.version(11);
  nothing.keep_alive(false);
  auto answer = error_response(nothing, http::status::service_unavailable,
                               "There is no memory for more connections");
  answer.set(http::field::retry_after, "5");
  std::ostringstream out;
  out << answer;
  return out.str();
}

} // namespace

void refuse_at_once(tcp_socket socket, completion<boost::system::error_code> closed) {
  static const auto bytes = no_memory();
  // Nothing was sent before, so there is room for it.
  ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  linger(line(std::move(socket)), std::move(closed));
}

} // namespace hubbub
