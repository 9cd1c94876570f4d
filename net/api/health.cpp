#include "net/api/health.hpp"

#include "net/api/fork_json.hpp"
#include "net/transport/await_callback.hpp"

#include <nlohmann/json.hpp>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::seconds answer_limit{2};

/// Returns the report of the hub, or after the time limit a report that the hub does not answer.
awaitable<health_report> check(hub& actors, asio::io_context& context) {
  co_return co_await await_callback<health_report>(context, [&](resume_with<health_report> done) {
    const auto timer = std::make_shared<io_timer>(context, answer_limit);
    // The handler keeps the timer: the actors may drop their callback without a call.
    timer->async_wait([done, timer](boost::system::error_code) {
      done({.database = false,
            .reason = "the hub does not answer itself",
            .stalled = {"health"},
            .hangs = true});
    });
    actors.check_health([done, timer, &context](const health_report& report) {
      asio::post(context, [done, timer, report] { // both calls of `done` are made on one thread
        done(report);
        timer->cancel();
      });
    });
  });
}

} // namespace

awaitable<http_response> answer_health(http_request request, bool asks_ready, hub& actors,
                                       std::function<gateway_state()> read_gateway,
                                       asio::io_context& context) {
  const auto report = co_await check(actors, context);
  const auto [connections, draining, retry_after] = read_gateway();
  const bool good = report.well() && !(asks_ready && draining);
  nlohmann::ordered_json body{{"status", report.well() ? "healthy" : "degraded"},
                              {"service", "websocket-chat"},
                              {"database", report.database},
                              {"connections", connections}};
  if (!report.database)
    body["reason"] = report.reason;
  if (!report.stalled.empty())
    body["stalled"] = report.stalled;
  if (report.fork)
    body["fork"] = fork_json(*report.fork);
  if (draining)
    body["draining"] = true;
  if (asks_ready)
    body["ready"] = good;
  co_return raw_json_response(request, good ? http::status::ok : http::status::service_unavailable,
                              body.dump());
}

} // namespace hubbub
