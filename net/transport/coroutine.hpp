// The words in which the coroutines of an io thread wait.
// Knows: the executor that all of them have. Must not know: what they wait for.
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

/// How `async_initiate` is told that a coroutine waits.
using use_awaitable = boost::asio::use_awaitable_t<io_executor>;

/// An operation's error and result are what `co_await` gives; none is thrown.
inline constexpr auto as_result = boost::asio::as_tuple(use_awaitable{});

} // namespace hubbub
