// Turns an operation that answers by a callback into one that a coroutine awaits.
// Knows: completions, and the io_context that resumes the coroutine. Must not know: the operation.
#pragma once

#include "net/transport/completion.hpp"
#include "net/transport/coroutine.hpp"

#include <boost/asio/async_result.hpp>

#include <memory>
#include <utility>

namespace hubbub {

/// The callback that `await_callback` hands to the operation. Copies share one completion: the
/// first call resumes the coroutine with the result, later calls do nothing.
/// Threads: calls may come from any thread, but not two at the same time.
/// Lifetime: when the last copy is destroyed without a call, the awaiting coroutine is destroyed
/// too.
template<class T>
class resume_with {
public:
  explicit resume_with(std::shared_ptr<completion<T>> done) : done_(std::move(done)) {}

  void operator()(T result) const { (*done_)(std::move(result)); }

private:
  std::shared_ptr<completion<T>> done_;
};

/// Calls `start(resume_with<T>)` when it is awaited. `co_await` returns what that callback is
/// called with. The coroutine resumes on the thread of the io_context. `start` may refer to local
/// variables of the calling coroutine, which is suspended meanwhile.
template<class T, class Start>
awaitable<T> await_callback(boost::asio::io_context& context, Start start) {
  return boost::asio::async_initiate<const use_awaitable, void(T)>(
      [&context, start = std::move(start)](auto handler) mutable {
        start(resume_with<T>(
            std::make_shared<completion<T>>(std::move(handler), context.get_executor())));
      },
      use_awaitable{});
}

} // namespace hubbub
