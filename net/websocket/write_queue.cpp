#include "net/websocket/write_queue.hpp"

#include <array>

namespace hubbub {

void write_queue::state::push(byte_queue::item next) {
  if (failed) {
    next.written(failed, 0);
    return;
  }
  if (queue.empty() && listener)
    listener->queue_busy();
  queue.push(std::move(next));
}

std::size_t write_queue::state::try_write(std::span<const iovec> parts) {
  if (waiting_for_socket || held || failed || !queue.empty())
    return 0;
  const auto tried = stream.try_write(parts);
  if (tried.ec && tried.ec != boost::asio::error::would_block)
    fail(tried.ec);
  return tried.bytes;
}

void write_queue::state::flush() {
  if (waiting_for_socket || held || failed)
    return;
  while (!queue.empty()) {
    std::array<iovec, max_parts> parts;
    const auto tried = stream.try_write(queue.next(parts));
    if (tried.ec == boost::asio::error::would_block)
      return wait(tried.until);
    if (tried.ec)
      return fail(tried.ec);
    const auto waited = queue.messages();
    queue.wrote(tried.bytes);
    if (listener)
      listener->queue_wrote(tried.bytes, waited - queue.messages());
  }
  queue.release();
  if (listener)
    listener->queue_idle();
}

void write_queue::state::wait(tcp_socket::wait_type until) {
  waiting_for_socket = true;
  if (listener)
    listener->queue_full();
  stream.async_wait(until, [self = shared_from_this()](error_code ec) {
    self->waiting_for_socket = false;
    if (ec)
      self->fail(ec);
    else
      self->flush();
  });
}

void write_queue::state::fail(error_code why) {
  if (failed)
    return;
  abandon(why);
  stream.close();
}

void write_queue::state::close_after_reading(completion<error_code> closed) {
  if (failed) {
    closed(failed);
    return;
  }
  abandon(boost::asio::error::eof);
  hubbub::close_after_reading(stream, std::move(closed));
}

void write_queue::state::abandon(error_code why) {
  failed = why;
  queue.fail(why);
  if (listener)
    listener->queue_closing();
}

} // namespace hubbub
