#include "net/access/credentials.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

constexpr std::string_view protocol_head = "bearer.", own_protocol = "hubbub";

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

/// Returns the first offered subprotocol that satisfies the predicate, or an empty text.
template<class Predicate>
std::string_view offered(const http_request& request, Predicate wanted) {
  for (const auto& item : http::token_list(request[http::field::sec_websocket_protocol]))
    if (wanted(view(item)))
      return view(item);
  return {};
}

std::string_view token_protocol(const http_request& request) {
  return offered(request, [](std::string_view name) { return name.starts_with(protocol_head); });
}

} // namespace

refused_request make_refusal(const http_request& request, const problem& why,
                             std::optional<std::size_t> retry_after_seconds) {
  return {error_response(request, why, retry_after_seconds), std::string(why.detail)};
}

http_response log_refusal(const http_request& request, refused_request refused) {
  spdlog::info("a request is refused with {}, {}: {}", refused.answer.result_int(), refused.why,
               log_description(request));
  return std::move(refused.answer);
}

std::optional<std::string> presented_token(const http_request& request,
                                           const request_target& target) {
  if (const auto given = bearer_token(request))
    return std::string(*given);
  if (const auto* const given = target.find("access_token"))
    return *given;
  if (const auto name = token_protocol(request); !name.empty())
    return std::string(name.substr(protocol_head.size()));
  return {};
}

std::string_view chosen_subprotocol(const http_request& request) {
  const auto own = offered(request, [](std::string_view name) { return name == own_protocol; });
  return own.empty() ? token_protocol(request) : own;
}

std::variant<identity, refused_request> identify(const token_key* key, const http_request& request,
                                                 const request_target& target) {
  if (!key)
    return identity{};
  constexpr std::string_view needed = "A valid token is needed";
  const auto token = presented_token(request, target);
  std::string why = "there is none";
  auto verified = token ? key->check(*token, std::chrono::system_clock::now(), why) : std::nullopt;
  if (!verified) {
    auto out = error_response(request, {problem_code::token_required, needed});
    out.set(http::field::www_authenticate, "Bearer");
    return refused_request{std::move(out), std::string(needed) + " (" + why + ')'};
  }
  return std::move(*verified);
}

std::variant<identity, refused_request> admit(const token_key* key, const http_request& request,
                                              const request_target& target,
                                              const std::string& room) {
  auto user = identify(key, request, target);
  const auto* const found = std::get_if<identity>(&user);
  if (found && !allows(found->rooms, room))
    return refused_request{
        error_response(request, {problem_code::forbidden, "The token is for other rooms"}),
        "The token is for other rooms (rooms does not allow this one)"};
  return user;
}

} // namespace hubbub
