#include "net/websocket/write_queue.hpp"

#include <algorithm>
#include <array>

namespace hubbub {

void write_queue::state::push(item next) {
  if (failed) {
    next.written(failed, 0);
    return;
  }
  if (queued == 0 && listener)
    listener->queue_busy();
  queued += next.bytes->size() - next.offset;
  messages += next.messages;
  if (head > 64 && head * 2 > queue.size()) {
    queue.erase(queue.begin(), queue.begin() + std::ptrdiff_t(head));
    head = 0;
  }
  queue.push_back(std::move(next));
}

write_queue::withdrawn write_queue::state::withdraw() {
  withdrawn out;
  auto kept = queue.begin() + std::ptrdiff_t(head);
  auto pending = stream.pending_write_bytes();
  for (auto at = kept; at != queue.end(); ++at) {
    const auto left = at->bytes->size() - at->offset;
    if (at->resume_after == no_cursor || at->offset > 0 || pending > 0) {
      pending -= std::min(pending, left);
      if (kept != at)
        *kept = std::move(*at);
      ++kept;
    } else {
      if (out.resume_after == no_cursor)
        out.resume_after = at->resume_after;
      out.messages += at->messages;
      queued -= left;
      messages -= at->messages;
    }
  }
  queue.erase(kept, queue.end());
  return out;
}

void write_queue::state::flush() {
  if (waiting_for_socket || held || failed)
    return;
  while (head < queue.size()) {
    std::array<iovec, 16> parts;
    std::size_t count = 0;
    for (; head + count < queue.size() && count < parts.size(); ++count) {
      const auto& next = queue[head + count];
      parts[count] = {const_cast<char*>(next.bytes->data() + next.offset),
                      next.bytes->size() - next.offset};
    }
    const auto tried = stream.try_write({parts.data(), count});
    if (tried.ec == boost::asio::error::would_block)
      return wait(tried.until);
    if (tried.ec)
      return fail(tried.ec);
    auto sent = tried.bytes;
    const auto wrote = sent;
    const auto waited = messages;
    queued -= wrote;
    while (head < queue.size()) {
      auto& first = queue[head];
      const auto left = first.bytes->size() - first.offset;
      if (sent < left) {
        first.offset += sent;
        break;
      }
      sent -= left;
      messages -= first.messages;
      first.written({}, first.bytes->size());
      first.bytes.reset();
      ++head;
    }
    if (listener)
      listener->queue_wrote(wrote, waited - messages);
  }
  std::vector<item>().swap(queue); // frees the memory: most sessions are idle
  head = 0;
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
  for (; head < queue.size(); ++head)
    queue[head].written(why, 0);
  std::vector<item>().swap(queue);
  head = queued = 0;
  messages = 0;
  if (listener)
    listener->queue_closing();
}

} // namespace hubbub
