// The bytes that wait to be written to one peer, in their order.
// Knows: how much of each buffer is written, and which buffers can be read from the log again. Must
// not know: sockets, frames.
#pragma once

#include "actors/session_sink.hpp"
#include "net/transport/completion.hpp"

#include <sys/uio.h>

#include <span>
#include <vector>

namespace hubbub {

/// Threads: may be used by one thread at a time.
/// Invariant: `bytes` is the number of bytes in the queue, and `messages` the number of messages in
/// it. The messages of a buffer count as written when its last byte is.
class byte_queue {
public:
  using error_code = boost::system::error_code;

  /// Marks bytes that cannot be read from the log again.
  static constexpr row_id no_cursor = -1;

  struct item {
    shared_bytes bytes;
    std::size_t offset = 0; ///< The bytes before it are written already.
    std::uint32_t messages = 0;
    subscription_ref subscription = 0; ///< To which the bytes belong, where they have a cursor.
    row_id resume_after = no_cursor;   ///< The cursor after which the log has these bytes.
    completion<error_code, std::size_t> written = {}; ///< Called when the last byte is written.
  };

  /// The bytes of one subscription that were withdrawn: the cursor of the first, and how many
  /// messages.
  struct withdrawn {
    subscription_ref subscription = 0;
    row_id resume_after = no_cursor;
    std::uint32_t messages = 0;
  };

  bool empty() const { return head_ == items_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint32_t messages() const { return messages_; }

  void push(item next);

  /// Returns the first unwritten bytes, in `into`.
  std::span<const iovec> next(std::span<iovec> into) const;

  /// The first `size` bytes are written. Calls back for the buffers that are complete.
  void wrote(std::size_t size);

  /// Removes what has a cursor and is not begun, but not the first `pending` bytes of the queue,
  /// which the next layer has taken. Returns one entry for each subscription.
  std::vector<withdrawn> withdraw(std::size_t pending);

  /// Removes everything, and calls back with the error.
  void fail(error_code why);

  /// Frees the memory. Must be called only while the queue is empty: most queues stay empty.
  void release();

private:
  std::vector<item> items_; ///< Unwritten items begin at `head_`.
  std::size_t head_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t messages_ = 0;
};

} // namespace hubbub
