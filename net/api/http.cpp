#include "net/api/http.hpp"

#include "net/access/admin_token.hpp"
#include "net/access/cors.hpp"
#include "net/api/docs.hpp"
#include "net/api/messages.hpp"
#include "net/api/metrics.hpp"
#include "net/api/ws_info.hpp"
#include "net/http/files.hpp"

namespace hubbub {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

/// Our own page needs nothing from anywhere else, and nothing inline.
constexpr auto strict_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An operator's own page may be the old chat's, with scripts and styles inline.
constexpr auto lenient_policy =
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; style-src 'self' "
    "'unsafe-inline'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

} // namespace

http_endpoints::http_endpoints(http_settings settings, hub& actors, lanes& threads,
                               std::function<gateway_state()> door)
    : settings_(std::move(settings)), hub_(actors), door_(std::move(door)),
      stats_(settings_.stats, actors, threads, [door = door_] { return door().connections; }) {}

awaitable<http::message_generator> http_endpoints::answer(http_request request,
                                                          asio::io_context& where) {
  auto target = parse_target({request.target().data(), request.target().size()});
  if (!target)
    co_return error_response(request, http::status::bad_request,
                             "The request's target is malformed");
  const std::string path = target->path;
  const bool ws = path == "/ws", health = path == "/health", about = path == "/ws-info",
             past = path == "/messages", metrics = path == "/metrics",
             // An encoded slash is part of a name (RFC 3986, section 2.2), which no file has.
      plain = target->slashes_plain, page = path == "/" || (path.starts_with("/static/") && plain);
  const auto paper = plain ? find_document(path) : std::nullopt;
  if (!ws && !health && !about && !past && !metrics && !page && !paper)
    co_return error_response(request, http::status::not_found, "Not Found");
  if (past || health || page)
    if (auto leave = cors_headers::preflight(request, settings_.allowed_origins))
      co_return std::move(*leave);
  if (request.method() != http::verb::get && (ws || request.method() != http::verb::head)) {
    auto out = error_response(request, http::status::method_not_allowed, "Method Not Allowed");
    out.set(http::field::allow, ws ? "GET" : "GET, HEAD");
    co_return out;
  }
  if (ws) {
    auto out =
        error_response(request, http::status::upgrade_required, "This is a WebSocket (RFC 6455)");
    out.set(http::field::upgrade, "websocket");
    out.set(http::field::connection, request.keep_alive() ? "Upgrade" : "Upgrade, close");
    out.set(http::field::sec_websocket_version, "13");
    co_return out;
  }
  if ((past || page || paper) && hub_.memory().level() == pressure::full)
    co_return error_response(request, http::status::service_unavailable,
                             "There is no memory for this now", 5);
  if (health || past)
    co_return co_await answer_readable(std::move(request), std::move(*target), where);
  if (metrics) {
    if (auto away = require_admin(request, settings_.admin_token))
      co_return std::move(*away);
    co_return make_response(request, http::status::ok, metrics_type,
                            co_await stats_.render_snapshot(render_metrics, where));
  }
  if (about)
    co_return co_await answer_ws_info(std::move(request), std::move(*target), stats_,
                                      settings_.admin_token, where);
  if (paper) {
    if (!paper->package.empty() && !find_file(settings_.docs_dir, paper->package))
      co_return error_response(request, http::status::service_unavailable, paper->absent);
    co_return files_.answer(request, find_file(settings_.docs_dir, paper->file), paper->policy);
  }
  co_return file(request,
                 path == "/" ? "index.html" : path.substr(std::string_view("/static/").size()));
}

/// `/health` and `/messages`, which pages of allowed sites may read.
awaitable<http_response> http_endpoints::answer_readable(http_request request,
                                                         request_target target,
                                                         asio::io_context& where) {
  const cors_headers cors(request, settings_.allowed_origins);
  http_response out;
  if (target.path == "/health") {
    const auto* const ready = target.find("ready");
    const bool asks_ready = ready && *ready == "1";
    out = co_await answer_health(std::move(request), asks_ready, hub_, door_, where);
  } else
    out = co_await answer_messages(std::move(request), std::move(target),
                                   settings_.token ? &*settings_.token : nullptr, hub_, where);
  cors.add_to(out);
  co_return out;
}

http::message_generator http_endpoints::file(const http_request& request,
                                             std::string_view name) const {
  // A page of an allowed site may import the client's modules.
  const cors_headers cors(request, settings_.allowed_origins);
  return files_.answer(request, find_page_file(name),
                       settings_.own_page ? strict_policy : lenient_policy,
                       [&cors](http_fields& out) { cors.add_to(out); });
}

std::optional<public_file> http_endpoints::find_page_file(std::string_view name) const {
  for (const auto& folder : settings_.page_dirs)
    if (auto found = find_file(folder, name))
      return found;
  // Files about the API also have addresses below `/static/api/`, from when one folder held all.
  if (constexpr std::string_view api = "api/"; settings_.own_page && name.starts_with(api))
    return find_file(settings_.docs_dir, name.substr(api.size()));
  return {};
}

} // namespace hubbub
