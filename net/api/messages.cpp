#include "net/api/messages.hpp"

#include "actors/wire.hpp"
#include "net/access/credentials.hpp"
#include "net/http/parse_number.hpp"
#include "net/transport/await_callback.hpp"
#include "storage/room_name.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr int default_limit = 50, max_limit = 200;
constexpr std::size_t max_page_bytes = 512 * 1024; ///< Of the messages, if there is more than one.

/// Returns the query, or one sentence about its error.
std::variant<page_request, std::string_view>
read_query(const std::vector<query_parameter>& parameters) {
  page_request out{"lobby", no_end, 0, default_limit};
  for (const auto& [name, value] : parameters) {
    const auto number = parse_number(value);
    if (name == "room") {
      auto room = read_room_name(value);
      if (!room)
        return bad_room_name;
      out.room = std::move(*room);
    } else if (name == "before") {
      if (!number || *number < 1)
        return "before is the id of a message, a whole number over 0";
      out.before = *number;
    } else if (name == "limit") {
      if (!number || *number < 1 || *number > max_limit)
        return "limit is a whole number from 1 to 200";
      out.limit = int(*number);
    }
  }
  return out;
}

struct rendered {
  std::string body, next; ///< Empty: this is the last page.
};

/// Renders a page. `rows` are the oldest first, and one row more than the limit if there is one. A
/// page that has ended early lacks that row and perhaps others.
rendered render(const page_request& query, const log_page& rows) {
  rendered out{"{\"messages\":[", {}};
  const auto most = std::min(rows.size(), std::size_t(query.limit));
  std::size_t count = 0;
  for (; count < most; ++count) {
    const auto event = wire::message_event(rows[rows.size() - 1 - count]);
    if (count > 0 && out.body.size() + event.size() > max_page_bytes)
      break;
    if (count > 0)
      out.body += ',';
    out.body += event;
  }
  if (rows.size() > count || rows.ended_early)
    out.next = "messages?room=" + boost::urls::encode(query.room, boost::urls::unreserved_chars) +
               "&before=" + std::to_string(rows[rows.size() - count].id) +
               "&limit=" + std::to_string(query.limit);
  out.body += out.next.empty() ? "],\"next\":null}" : "],\"next\":\"" + out.next + "\"}";
  return out;
}

/// The archive reads the page on its own thread, and a thread for actors renders it. Returns
/// nothing if the page cannot be read now.
awaitable<std::optional<rendered>> read_page(hub& actors, page_request query,
                                             asio::io_context& context) {
  using answer = std::optional<rendered>;
  co_return co_await await_callback<answer>(context, [&](resume_with<answer> done) {
    auto more = query;
    ++more.limit;
    actors.request_page(std::move(more), [done, query](const page& rows) {
      done(rows ? answer(render(query, *rows)) : std::nullopt);
    });
  });
}

} // namespace

awaitable<http_response> answer_messages(http_request request, request_target target,
                                         const token_key* key, hub& actors,
                                         asio::io_context& context) {
  auto query = read_query(target.query);
  if (const auto* wrong = std::get_if<std::string_view>(&query))
    co_return error_response(request, http::status::bad_request, *wrong);
  auto user = admit(key, request, target, std::get<page_request>(query).room);
  if (auto* const refused = std::get_if<refused_request>(&user)) {
    spdlog::info("a request is refused with {}, {}: {}", refused->answer.result_int(), refused->why,
                 log_description(request));
    co_return std::move(refused->answer);
  }
  auto page = co_await read_page(actors, std::get<page_request>(std::move(query)), context);
  if (!page)
    co_return error_response(request, http::status::service_unavailable,
                             "The past cannot be read right now, or too many want to", 1);
  auto out = raw_json_response(request, http::status::ok, std::move(page->body));
  if (!page->next.empty())
    out.set(http::field::link, "<" + page->next + ">; rel=\"next\"");
  co_return out;
}

} // namespace hubbub
