// Uses poll(2) and non-blocking calls.
#include "tests/torture/event_connection.hpp"

#include "tests/support/http.hpp"
#include "tests/support/socket.hpp"
#include "tests/torture/ws_connection.hpp"

#include <cerrno>
#include <poll.h>

namespace torture {

namespace {

[[noreturn]] void end_with(std::string reason) {
  throw connection_lost{1006, std::move(reason)};
}

} // namespace

event_connection::event_connection(std::uint16_t port, const std::string& target,
                                   const std::string& last_id, receive_window size,
                                   test::deadline until)
    : socket_{test::new_socket()} {
  if (size == receive_window::tiny)
    use_tiny_window(socket_);
  if (!test::connect_to(port, socket_))
    end_with("connect");
  test::wait_for(socket_.get(), POLLOUT, until, "a connection");
  test::request asked{"GET", target};
  if (!last_id.empty())
    asked.fields.emplace_back("Last-Event-ID", last_id);
  auto bytes = test::encode(asked, port);
  if (!give(socket_, bytes) || !bytes.empty())
    end_with("before the request");
  std::string answer;
  while (answer.find("\r\n\r\n") == answer.npos) {
    if (ended_)
      end_with("before the answer");
    test::wait_for(socket_.get(), POLLIN, until, "the answer");
    receive(answer);
  }
  const auto head = test::take_head(answer);
  if (head.status == 503 && !head.field("Retry-After").empty())
    end_with("refused by a hub that stops");
  if (head.status != 200)
    throw std::runtime_error{"the stream was answered by " + std::to_string(head.status)};
  events_.feed(answer);
}

void event_connection::pump(bool reading, test::deadline until) {
  pollfd waited{socket_.get(), static_cast<short>(reading ? POLLIN : 0), 0};
  if (ended_ || ::poll(&waited, 1, until.left()) <= 0)
    return;
  if (!reading) {
    ended_ = (waited.revents & (POLLERR | POLLHUP)) != 0;
    return;
  }
  std::string bytes;
  receive(bytes);
  events_.feed(bytes);
}

void event_connection::receive(std::string& into) {
  char chunk[65536];
  const auto size = ::recv(socket_.get(), chunk, sizeof chunk, 0);
  if (size > 0)
    into.append(chunk, static_cast<std::size_t>(size));
  else if (size == 0 || (errno != EAGAIN && errno != EINTR))
    ended_ = true;
}

std::optional<test::stream_event> event_connection::next() {
  auto event = events_.next();
  events_.take_lone_ids();
  if (!event && ended_)
    end_with("the end of the stream");
  return event;
}

void event_connection::reset() {
  test::reset_at_end(socket_);
  socket_.close();
}

} // namespace torture
