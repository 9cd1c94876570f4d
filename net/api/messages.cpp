#include "net/api/messages.hpp"

#include "actors/wire.hpp"
#include "net/access/credentials.hpp"
#include "net/api/page_query.hpp"
#include "net/http/content_coding.hpp"
#include "net/transport/await_callback.hpp"

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

struct rendered {
  std::string body, next;                           ///< `next` is empty for the last page.
  content_coding coding = content_coding::identity; ///< Of the body.
};

/// A shorter body fits into one packet anyway.
constexpr std::size_t min_compressed = 1024;

/// Renders a page in the direction of the query. `rows` are the oldest first, and one row more than
/// the limit if there is one. A page that has ended early lacks that row and perhaps others.
rendered render(const page_request& query, const log_page& rows) {
  rendered out{"{\"messages\":[", {}};
  const auto most = std::min(rows.size(), std::size_t(query.limit));
  const auto row = [&](std::size_t i) -> const message& {
    return query.before ? rows[rows.size() - 1 - i] : rows[i];
  };
  std::size_t count = 0;
  for (; count < most; ++count) {
    const auto event = wire::message_event(row(count));
    if (count > 0 && out.body.size() + event.size() > client_page_bytes)
      break;
    if (count > 0)
      out.body += ',';
    out.body += event;
  }
  if (rows.size() > count || rows.ended_early)
    out.next = next_page(query, row(count - 1).id);
  out.body += out.next.empty() ? "],\"next\":null}" : "],\"next\":\"" + out.next + "\"}";
  return out;
}

void compress_body(rendered& page, content_coding coding) {
  if (coding == content_coding::identity || page.body.size() < min_compressed)
    return;
  if (auto made = compress(page.body, coding, compression_effort::every); !made.empty()) {
    page.body = std::move(made);
    page.coding = coding;
  }
}

/// The archive reads the page on its own thread, and a thread for actors renders and compresses it.
/// Returns nothing if the page cannot be read now.
awaitable<std::optional<rendered>> read_page(hub& actors, page_request query, content_coding coding,
                                             asio::io_context& context) {
  using answer = std::optional<rendered>;
  co_return co_await await_callback<answer>(context, [&](resume_with<answer> done) {
    auto more = query;
    ++more.limit;
    actors.request_page(std::move(more), [done, query, coding](const page& rows) {
      auto made = rows ? answer(render(query, *rows)) : std::nullopt;
      if (made)
        compress_body(*made, coding);
      done(std::move(made));
    });
  });
}

} // namespace

awaitable<http_response> answer_messages(http_request request, request_target target,
                                         const token_key* key, hub& actors,
                                         asio::io_context& context) {
  if (target.find("q") && actors.searching() == search_status::off)
    co_return error_response(
        request, {problem_code::no_search, "This hub does not search: SEARCH is not set"});
  auto query = read_page_query(target.query);
  if (const auto* wrong = std::get_if<problem>(&query))
    co_return error_response(request, *wrong);
  auto user = admit(key, request, target, std::get<page_request>(query).room);
  if (auto* const refused = std::get_if<refused_request>(&user))
    co_return log_refusal(request, std::move(*refused));
  const bool searches = std::get<page_request>(query).search.has_value();
  if (searches && actors.searching() == search_status::building)
    co_return error_response(request, {problem_code::busy, "The index for searches is being made"},
                             5);
  const auto accepted = request[http::field::accept_encoding];
  const auto coding = choose_coding({accepted.data(), accepted.size()});
  auto page = co_await read_page(actors, std::get<page_request>(std::move(query)), coding, context);
  if (!page)
    co_return error_response(
        request,
        {problem_code::busy, searches ? "The search cannot be made right now, or takes too long"
                                      : "The past cannot be read right now, or too many want to"},
        1);
  auto out = raw_json_response(request, http::status::ok, std::move(page->body));
  out.set(http::field::vary, "Accept-Encoding");
  if (page->coding != content_coding::identity)
    out.set(http::field::content_encoding, name_of(page->coding));
  if (!page->next.empty())
    out.set(http::field::link, "<" + page->next + ">; rel=\"next\"");
  co_return out;
}

} // namespace hubbub
