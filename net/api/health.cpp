#include "net/api/health.hpp"

#include "net/transport/completion.hpp"

#include <nlohmann/json.hpp>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::seconds patience{2};

/// What comes first: the answer, or the end of patience with who should give it.
struct race {
  explicit race(asio::io_context& where) : late(where, patience) {}
  completion<health_report> done;
  io_timer late;
};

awaitable<health_report> examine(hub& actors, asio::io_context& where) {
  co_return co_await asio::async_initiate<const use_awaitable, void(health_report)>(
      [&](auto handler) {
        const auto both = std::make_shared<race>(where);
        both->done = {std::move(handler), where.get_executor()};
        both->late.async_wait([both](boost::system::error_code) {
          both->done({.database = false,
                      .reason = "the hub does not answer itself",
                      .stalled = {"health"},
                      .hangs = true});
        });
        actors.check_health([both, &where](const health_report& how) {
          asio::post(where, [both, how] {
            both->done(how);
            both->late.cancel();
          });
        });
      },
      use_awaitable{});
}

} // namespace

awaitable<http_response> answer_health(http_request request, bool asks_ready, hub& actors,
                                       std::function<gateway_state()> door,
                                       asio::io_context& where) {
  const auto how = co_await examine(actors, where);
  const auto [connections, draining] = door();
  const bool good = how.well() && !(asks_ready && draining);
  nlohmann::ordered_json body{{"status", how.well() ? "healthy" : "degraded"},
                              {"service", "websocket-chat"},
                              {"database", how.database},
                              {"connections", connections}};
  if (!how.database)
    body["reason"] = how.reason;
  if (!how.stalled.empty())
    body["stalled"] = how.stalled;
  if (draining)
    body["draining"] = true;
  if (asks_ready)
    body["ready"] = good;
  co_return raw_json_response(request, good ? http::status::ok : http::status::service_unavailable,
                              body.dump());
}

} // namespace hubbub
