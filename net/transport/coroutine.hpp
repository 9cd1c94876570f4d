// The types that the coroutines of an I/O thread share.
// Knows: the executor of an io_context. Must not know: what a coroutine waits for.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace hubbub {

using io_executor = boost::asio::io_context::executor_type;

using io_timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, io_executor>;

template<class T>
using awaitable = boost::asio::awaitable<T, io_executor>;

/// The completion token that makes `async_initiate` return an awaitable.
using use_awaitable = boost::asio::use_awaitable_t<io_executor>;

/// The completion token with which `co_await` returns an operation's error and result as a tuple
/// and throws nothing.
inline constexpr auto as_result = boost::asio::as_tuple(use_awaitable{});

} // namespace hubbub
