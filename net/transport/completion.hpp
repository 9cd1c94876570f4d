// A completion handler of any type, kept until its operation is done.
// Knows: that a handler is called at most once. Must not know: what the operation is.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <tuple>
#include <utility>

namespace hubbub {

/// Holds at most one handler. A call posts the handler to its associated executor, or to the
/// fallback, so the handler never runs inside the caller. An object that is destroyed without a
/// call destroys its handler, and with that handler the coroutine that waits.
template<class... Args>
class completion {
public:
  completion() = default;

  template<class Handler, class Executor>
  completion(Handler handler, Executor fallback)
      : held_(std::make_unique<held<Handler, Executor>>(std::move(handler), std::move(fallback))) {}

  explicit operator bool() const { return held_ != nullptr; }

  void operator()(Args... args) {
    if (const auto once = std::move(held_))
      once->post(std::move(args)...);
  }

private:
  struct base {
    virtual ~base() = default;
    virtual void post(Args... args) = 0;
  };

  template<class Handler, class Executor>
  struct held final : base {
    held(Handler h, Executor e) : handler(std::move(h)), fallback(std::move(e)) {}
    void post(Args... args) override {
      auto executor = boost::asio::get_associated_executor(handler, fallback);
      boost::asio::post(executor,
                        [h = std::move(handler), a = std::tuple(std::move(args)...)]() mutable {
                          std::apply(std::move(h), std::move(a));
                        });
    }
    Handler handler;
    Executor fallback;
  };

  std::unique_ptr<base> held_;
};

} // namespace hubbub
