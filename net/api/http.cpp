#include "net/api/http.hpp"

#include "net/access/admin_token.hpp"
#include "net/access/cors.hpp"
#include "net/api/docs.hpp"
#include "net/api/messages.hpp"
#include "net/api/metrics.hpp"
#include "net/api/ws_info.hpp"
#include "net/http/files.hpp"

#include <array>

namespace hubbub {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

/// The policy of hubbub's own page, which loads nothing from other sites and has nothing inline.
constexpr auto strict_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of the modules and styles of hubbub's own page. Only the policy of a document or a
/// worker has an effect on them, so this one is short: it is sent with every module.
constexpr auto module_policy = "default-src 'none'";

/// The policy of an operator's page, which may be that of the old chat, with scripts and styles
/// inline.
constexpr auto lenient_policy =
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; style-src 'self' "
    "'unsafe-inline'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/// The methods that a path answers; all others get 405.
enum class methods { get, get_and_head, get_head_and_post };

/// The field Allow of a path with these methods.
constexpr const char* allow_field(methods of) {
  switch (of) {
  case methods::get:
    return "GET";
  case methods::get_and_head:
    return "GET, HEAD";
  default:
    return "GET, HEAD, POST";
  }
}

bool is_among(http::verb method, methods of) {
  return method == http::verb::get || (method == http::verb::head && of != methods::get) ||
         (method == http::verb::post && of == methods::get_head_and_post);
}

/// Which clients may read the answers of a path. CORS restricts browsers only.
enum class readers {
  same_origin,     ///< Any client, but no page of another site.
  allowed_origins, ///< The same, and also pages of the allowed origins (CORS).
  operators,       ///< Clients that send the admin token.
};

/// How much memory an answer takes.
enum class memory_need { small, large };

} // namespace

/// One row of the routing table.
struct http_endpoints::route {
  std::string_view path; ///< Ends with `/*` for every path below it, without encoded slashes.
  methods answers;
  readers read_by;
  memory_need need; ///< `large` is refused with 503 while memory is full.
  awaitable<http::message_generator> (http_endpoints::*handle)(http_request, request_target,
                                                               asio::io_context&);

  bool matches(const request_target& target) const {
    if (!path.ends_with("/*"))
      return target.path == path;
    // An encoded slash is part of a name (RFC 3986, section 2.2), which no file has.
    return target.slashes_plain && target.path.starts_with(path.substr(0, path.size() - 1));
  }
};

const http_endpoints::route* http_endpoints::find_route(const request_target& target) {
  using enum methods;
  using enum memory_need;
  static constexpr std::array routes{
      route{"/ws", get, readers::same_origin, small, &http_endpoints::demand_upgrade},
      route{"/events", get, readers::allowed_origins, small, &http_endpoints::events},
      route{"/health", get_and_head, readers::allowed_origins, small, &http_endpoints::health},
      route{"/messages", get_head_and_post, readers::allowed_origins, large,
            &http_endpoints::messages},
      route{"/ws-info", get_and_head, readers::same_origin, small, &http_endpoints::ws_info},
      route{"/metrics", get_and_head, readers::operators, small, &http_endpoints::metrics},
      route{"/", get_and_head, readers::allowed_origins, large, &http_endpoints::page},
      route{"/static/*", get_and_head, readers::allowed_origins, large, &http_endpoints::page},
  };
  // Its paths are those of find_document.
  static constexpr route document{"", get_and_head, readers::same_origin, large,
                                  &http_endpoints::document};
  for (const auto& each : routes)
    if (each.matches(target))
      return &each;
  return target.slashes_plain && find_document(target.path) ? &document : nullptr;
}

http_endpoints::http_endpoints(http_settings settings, hub& actors, io_threads& threads,
                               std::function<gateway_state()> read_gateway)
    : settings_(std::move(settings)), hub_(actors), read_gateway_(std::move(read_gateway)),
      stats_(settings_.stats, actors, threads,
             [read = read_gateway_] { return read().connections; }) {}

std::variant<std::size_t, http_response> http_endpoints::judge_head(const http_request& head,
                                                                    const client& from) const {
  if (head.method() != http::verb::post)
    return max_unused_body;
  const auto target = parse_target({head.target().data(), head.target().size()});
  const auto* const route = target ? find_route(*target) : nullptr;
  if (!route || !is_among(http::verb::post, route->answers))
    return max_unused_body;
  auto user = admit_publisher(head, *target);
  if (std::holds_alternative<identity>(user))
    if (const auto wait = from.quota->wait(); wait.count() > 0)
      user = make_refusal(head, {problem_code::too_fast, publishes_too_fast},
                          std::size_t(wait.count()));
  auto* const refused = std::get_if<refused_request>(&user);
  if (!refused)
    return settings_.max_publish_body;
  auto out = log_refusal(head, std::move(*refused));
  cors_headers(head, settings_.allowed_origins).add_to(out);
  return out;
}

awaitable<http::message_generator> http_endpoints::answer(http_request request, client from,
                                                          asio::io_context& context) {
  auto target = parse_target({request.target().data(), request.target().size()});
  if (!target)
    co_return error_response(request,
                             {problem_code::bad_request, "The request's target is malformed"});
  const auto* const route = find_route(*target);
  if (!route)
    co_return error_response(request, {problem_code::not_found, "Not Found"});
  if (route->read_by == readers::allowed_origins)
    if (auto preflight = cors_headers::preflight(request, settings_.allowed_origins,
                                                 allow_field(route->answers)))
      co_return std::move(*preflight);
  if (!is_among(request.method(), route->answers)) {
    auto out = error_response(request, {problem_code::method_not_allowed, "Method Not Allowed"});
    out.set(http::field::allow, allow_field(route->answers));
    co_return out;
  }
  if (request.method() == http::verb::post)
    co_return co_await publish(std::move(request), std::move(*target), std::move(from), context);
  if (route->need == memory_need::large && hub_.memory().level() == pressure::full)
    co_return error_response(request, {problem_code::no_memory, "There is no memory for this now"},
                             5);
  if (route->read_by == readers::operators)
    if (auto refused = require_admin(request, settings_.admin_token))
      co_return std::move(*refused);
  co_return co_await (this->*route->handle)(std::move(request), std::move(*target), context);
}

/// Answers a request for `/ws` that is not an upgrade.
awaitable<http::message_generator>
http_endpoints::demand_upgrade(http_request request, request_target, asio::io_context&) {
  auto out =
      error_response(request, {problem_code::upgrade_required, "This is a WebSocket (RFC 6455)"});
  out.set(http::field::upgrade, "websocket");
  out.set(http::field::connection, request.keep_alive() ? "Upgrade" : "Upgrade, close");
  out.set(http::field::sec_websocket_version, "13");
  co_return out;
}

/// Answers nothing but what is no request for an event stream after all.
awaitable<http::message_generator> http_endpoints::events(http_request request, request_target,
                                                          asio::io_context&) {
  co_return error_response(request, {problem_code::bad_request, "This is no event stream"});
}

awaitable<http::message_generator>
http_endpoints::health(http_request request, request_target target, asio::io_context& context) {
  const cors_headers sharing(request, settings_.allowed_origins);
  const auto* const ready = target.find("ready");
  auto out = co_await answer_health(std::move(request), ready && *ready == "1", hub_, read_gateway_,
                                    context);
  sharing.add_to(out);
  co_return out;
}

awaitable<http::message_generator>
http_endpoints::messages(http_request request, request_target target, asio::io_context& context) {
  const cors_headers sharing(request, settings_.allowed_origins);
  const auto* const key = settings_.token ? &*settings_.token : nullptr;
  auto out = co_await answer_messages(std::move(request), std::move(target), key, hub_, context);
  sharing.add_to(out);
  co_return out;
}

std::variant<identity, refused_request>
http_endpoints::admit_publisher(const http_request& request, const request_target& target) const {
  if (const auto gateway = read_gateway_(); gateway.draining)
    return make_refusal(request, {problem_code::restarting, "The hub restarts"},
                        gateway.retry_after);
  if (hub_.memory().level() == pressure::full)
    return make_refusal(request, {problem_code::no_memory, "There is no memory for this now"}, 5);
  return hubbub::admit_publisher(request, target,
                                 {.pages = settings_.allowed_origins,
                                  .token = settings_.token ? &*settings_.token : nullptr,
                                  .max_body = settings_.max_publish_body});
}

/// Answers a POST to `/messages`. The hub may have begun to stop since the head was judged.
awaitable<http::message_generator> http_endpoints::publish(http_request request,
                                                           request_target target, client from,
                                                           asio::io_context& context) {
  const cors_headers sharing(request, settings_.allowed_origins);
  auto user = admit_publisher(request, target);
  if (auto* const refused = std::get_if<refused_request>(&user)) {
    auto out = refuse_publication(request, std::move(*refused), hub_.counters());
    sharing.add_to(out);
    co_return out;
  }
  auto out = co_await answer_publication(std::move(request), std::move(target),
                                         std::get<identity>(std::move(user)), std::move(from), hub_,
                                         context);
  sharing.add_to(out);
  co_return out;
}

awaitable<http::message_generator>
http_endpoints::ws_info(http_request request, request_target target, asio::io_context& context) {
  co_return co_await answer_ws_info(std::move(request), std::move(target), stats_,
                                    settings_.admin_token, context);
}

awaitable<http::message_generator> http_endpoints::metrics(http_request request, request_target,
                                                           asio::io_context& context) {
  auto text = co_await stats_.render_snapshot(render_metrics, context);
  co_return make_response(request, http::status::ok, metrics_type, std::move(text));
}

/// Answers `/` and `/static/*`.
awaitable<http::message_generator> http_endpoints::page(http_request request, request_target target,
                                                        asio::io_context&) {
  const std::string_view path = target.path;
  co_return file(request,
                 path == "/" ? "index.html" : path.substr(std::string_view("/static/").size()));
}

awaitable<http::message_generator>
http_endpoints::document(http_request request, request_target target, asio::io_context&) {
  const auto found = find_document(target.path);
  if (!found->package.empty() && !find_file(settings_.docs_dir, found->package))
    co_return error_response(request, {problem_code::not_installed, found->missing_notice});
  co_return files_.answer(request, find_file(settings_.docs_dir, found->file), found->policy);
}

http::message_generator http_endpoints::file(const http_request& request,
                                             std::string_view name) const {
  // Pages of allowed origins may import the modules of the client.
  const cors_headers sharing(request, settings_.allowed_origins);
  const bool is_module = name != "sw.js" && (name.ends_with(".js") || name.ends_with(".css"));
  const auto* const own_policy = is_module ? module_policy : strict_policy;
  return files_.answer(request, find_page_file(name),
                       settings_.own_page ? own_policy : lenient_policy,
                       [&sharing](http_fields& out) { sharing.add_to(out); });
}

std::optional<public_file> http_endpoints::find_page_file(std::string_view name) const {
  for (const auto& folder : settings_.page_dirs)
    if (auto found = find_file(folder, name))
      return found;
  // The files about the API keep their former addresses below `/static/api/`.
  if (constexpr std::string_view api = "api/"; settings_.own_page && name.starts_with(api))
    return find_file(settings_.docs_dir, name.substr(api.size()));
  return {};
}

} // namespace hubbub
