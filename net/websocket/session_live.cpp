// The part of the session that writes the frames of the live fan-out.
// Knows: its outbox, and when it is too far behind. Must not know: what it reads.
#include "net/websocket/session_output.hpp"

#include <array>

namespace hubbub {

void session_output::send_rest(subscription_ref of, const chunk& what, std::size_t written,
                               row_id shown) {
  queue_.push({what.bytes, written, what.messages, of, shown});
  queued();
}

fanout_member::capacity session_output::begin_round() {
  const auto outbox = std::min(io_.outbox(), std::size_t{UINT32_MAX});
  return {ending() ? 0 : std::uint32_t(outbox - std::min(outbox, queue_.queued())), !slow_};
}

bool session_output::exceed(subscription_ref of, const chunk& what, row_id shown) {
  if (ending())
    return false;
  push_waiting();
  // An empty queue takes a chunk of any size. If the session left the fan-out now, nothing would be
  // in its queue, `queue_idle` would never be called, and the session would never catch up.
  const auto fits = [&] {
    return queue_.queued() == 0 || queue_.queued() + what.bytes->size() <= io_.outbox();
  };
  if (!fits())
    queue_.flush();                // what was queued in this round may be all that is in the way
  if (ending() || queue_.failed()) // the subscription may have ended
    return false;
  if (fits()) {
    queue_.push({what.bytes, 0, what.messages, of, shown});
    queued();
    return !slow_;
  }
  // While memory is short, what is queued and not begun is read from the log as well.
  fall_behind(short_of_memory() ? queue_.withdraw() : std::vector<byte_queue::withdrawn>());
  return false;
}

void session_output::queued() {
  pushed_ = true;
  outbox_.set(queue_.queued());
  io_.fanout().flush_later(*this);
}

/// What waits for the end of the round is written without the queue if nothing is in the queue.
void session_output::flush() {
  if (!waiting.empty())
    push_waiting(queue_.queued() > 0 ? 0 : write_waiting());
  if (std::exchange(pushed_, false))
    queue_.flush();
}

/// Returns how many bytes of the waiting chunks the peer took.
std::size_t session_output::write_waiting() {
  std::array<iovec, write_queue::max_parts> parts;
  std::size_t count = 0;
  io_.fanout().for_each_waiting(*this, [&](const round_queue::queued_chunk& c, subscription_ref) {
    parts[count++] = {const_cast<char*>(c.what.bytes->data()), c.what.bytes->size()};
    return count < parts.size();
  });
  return queue_.try_write({parts.data(), count});
}

/// Queues the waiting chunks, of which `written` bytes are written already.
void session_output::push_waiting(std::size_t written) {
  if (waiting.empty())
    return;
  std::uint64_t messages = 0;
  auto left = written;
  io_.fanout().for_each_waiting(
      *this, [&](const round_queue::queued_chunk& c, subscription_ref of) {
        const auto size = c.what.bytes->size();
        if (left >= size) {
          left -= size;
          messages += c.what.messages;
          return true;
        }
        queue_.push({c.what.bytes, std::exchange(left, 0), c.what.messages, of, c.shown});
        pushed_ = true;
        return true;
      });
  io_.fanout().clear_waiting(*this);
  io_.counters().add(counter::sent_bytes, written);
  io_.counters().add(counter::delivered, messages);
  outbox_.set(queue_.queued());
}

void session_output::shed() {
  if (ending() || queue_.queued() <= io_.outbox() || !short_of_memory())
    return;
  if (const auto withdrawn = queue_.withdraw(); !withdrawn.empty())
    fall_behind(withdrawn);
}

void session_output::take_turns() {
  if (!ending() && queue_.queued() > 0 && subscriptions_.behind())
    fall_behind({});
}

/// Leaves the live fan-out, to read from the log when the queue is empty. Live frames would come
/// before what was withdrawn.
void session_output::fall_behind(const std::vector<byte_queue::withdrawn>& withdrawn) {
  subscriptions_.fall_behind();
  for (const auto& each : withdrawn)
    subscriptions_.withdrawn(each);
  outbox_.set(queue_.queued());
}

} // namespace hubbub
