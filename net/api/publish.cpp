#include "net/api/publish.hpp"

#include "actors/wire.hpp"
#include "net/api/publish_fields.hpp"
#include "net/http/parse_number.hpp"
#include "net/transport/await_callback.hpp"
#include "storage/room_name.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

/// After this time a client is told that its messages are in doubt.
constexpr auto answer_within = 10s;

/// Returns the code of an HTTP error that has the name of this one.
problem_code code_of(refusal_code why) {
  const auto same = [why](const problem_kind& kind) { return kind.name == name_of(why); };
  const auto at = std::find_if(problem_kinds.begin(), problem_kinds.end(), same);
  return at == problem_kinds.end() ? problem_code::bad_request
                                   : problem_code(at - problem_kinds.begin());
}

using outcome = std::optional<publish_result>; ///< None: it is not known yet.

/// Awaits the outcome for as long as a client waits for an answer.
awaitable<outcome> await_outcome(hub& actors, publish_request what, asio::io_context& context) {
  io_timer patience(context, answer_within);
  auto out = co_await await_callback<outcome>(context, [&](resume_with<outcome> done) {
    const auto decided = std::make_shared<std::atomic<bool>>(false);
    patience.async_wait([decided, done](boost::system::error_code ec) {
      if (!ec && !decided->exchange(true))
        done(std::nullopt);
    });
    what.answer = [decided, done](publish_result result) {
      if (!decided->exchange(true))
        done(std::move(result));
    };
    actors.publish(std::move(what));
  });
  patience.cancel();
  co_return out;
}

http_response answer_stored(const http_request& request, const published& what) {
  const auto& all = what.messages;
  const bool known = std::all_of(all.begin(), all.end(), [](const auto& m) { return m.repeated; });
  return raw_json_response(request, known ? http::status::ok : http::status::created,
                           wire::publication_answer(what.log, all));
}

} // namespace

std::size_t max_publish_body(std::size_t max_data) {
  return std::max<std::size_t>(1 << 20, wire::max_beside_data + max_data);
}

std::variant<identity, refused_request> admit_publisher(const http_request& request,
                                                        const request_target& target,
                                                        const publish_rules& rules) {
  const auto field = [&](http::field name) {
    return std::string_view(request[name].data(), request[name].size());
  };
  const auto refuse_with = [&](problem_code code, std::string_view why) {
    return make_refusal(request, {code, why});
  };
  if (!origin_allowed(field(http::field::origin), field(http::field::host), rules.pages))
    return refuse_with(problem_code::foreign_origin, "Pages of this origin may not publish here");
  auto user = identify(rules.token, request, target);
  if (std::holds_alternative<refused_request>(user))
    return user;
  if (!is_json_type(field(http::field::content_type)))
    return refuse_with(problem_code::unsupported_type, "The body must be application/json");
  const auto length_field = field(http::field::content_length); // may be a list of equal numbers
  const auto length = parse_number(length_field.substr(0, length_field.find(',')));
  if (!length)
    return refuse_with(problem_code::length_required, "A body must have a Content-Length");
  if (*length > std::int64_t(rules.max_body))
    return refuse_with(problem_code::too_large, "The body is too large");
  return user;
}

http_response refuse_publication(const http_request& request, refused_request why,
                                 hub_counters& counters, publish_answer as) {
  counters.add_published(as);
  return log_refusal(request, std::move(why));
}

awaitable<http_response> answer_publication(http_request request, request_target target,
                                            identity user, client from, hub& actors,
                                            asio::io_context& context) {
  const auto refuse = [&](const problem& why, std::optional<std::size_t> retry_after_seconds = {},
                          publish_answer as = publish_answer::refused) {
    return refuse_publication(request, make_refusal(request, why, retry_after_seconds),
                              actors.counters(), as);
  };
  const auto cost = refused_body_tokens(request.body().size());
  auto fields = read_publish_fields(request);
  if (const auto* wrong = std::get_if<problem>(&fields)) {
    from.quota->charge(cost);
    co_return refuse(*wrong);
  }
  auto& [key, name, secret] = std::get<publish_fields>(fields);
  const auto* const in_query = target.find("room");
  auto room = in_query ? read_room_name(*in_query) : std::optional<std::string>("lobby");
  if (!room) {
    from.quota->charge(cost);
    co_return refuse({problem_code::bad_room, bad_room_name});
  }
  publish_request what{.body = std::move(request.body()),
                       .room = std::move(*room),
                       .key = std::move(key),
                       .name = std::move(name),
                       .secret = std::move(secret),
                       .by = std::move(user.by),
                       .rooms = std::move(user.rooms),
                       .quota = from.quota,
                       .rate = from.quota,
                       .answer = {}};
  request.body() = {};
  const auto result = co_await await_outcome(actors, std::move(what), context);
  if (!result)
    co_return refuse({problem_code::in_doubt, "The messages are not stored yet, and may still be "
                                              "stored: send them again with their keys"},
                     1, publish_answer::in_doubt);
  if (const auto* const done = std::get_if<published>(&*result)) {
    actors.counters().add_published(publish_answer::stored);
    co_return answer_stored(request, *done);
  }
  const auto& why = std::get<publish_refusal>(*result);
  co_return refuse({code_of(why.code), why.message, why.index},
                   why.retry_after > 0s ? std::optional(std::size_t(why.retry_after.count()))
                                        : std::nullopt);
}

} // namespace hubbub
