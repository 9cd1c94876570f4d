#include "net/server/http_session.hpp"

#include "net/http/request_head.hpp"
#include "net/server/body_reader.hpp"
#include "net/server/http_connection.hpp"
#include "net/transport/lingering_close.hpp"
#include "net/websocket/event_query.hpp"

#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr auto answer_limit = 30s, crowded_request_limit = 1s;
constexpr problem no_memory{problem_code::no_memory, "There is no memory for this"};
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

/// A problem whose detail is the phrase of its status.
problem plain_problem(problem_code code) {
  return {code, std::string_view(obsolete_reason(kind_of(code).status))};
}

/// Returns the problem that answers an error of reading; nothing, if the peer has gone.
std::optional<problem> problem_of_error(boost::system::error_code why) {
  if (why == http::error::header_limit || why == http::error::buffer_overflow)
    return plain_problem(problem_code::head_too_large);
  if (why == asio::error::no_memory)
    return no_memory;
  if (why == http::error::body_limit)
    return plain_problem(problem_code::too_large);
  if (why == http::error::end_of_stream ||
      why.category() != make_error_code(http::error::bad_value).category())
    return {};
  return plain_problem(problem_code::bad_request);
}

} // namespace

struct http_session::received_request {
  http_request request;
  client sender; ///< Behind a trusted proxy, the client that the proxy names.
};

awaitable<void> http_session::serve(tcp_socket socket, io_thread* io, asio::io_context& context,
                                    client from, std::shared_ptr<connection_limiter::slot> slot) {
  http_connection conn{tcp_stream(std::move(socket)), io, context, std::move(from),
                       std::move(slot)};
  auto next = next_step::read;
  if (context_.settings.certificate && !co_await secure(conn.peer, conn.from))
    next = next_step::close;
  while (next == next_step::read) {
    auto received = co_await read_request(conn);
    if (!received)
      next = next_step::close;
    else
      next = co_await answer(conn, std::move(*received));
    conn.persistent = true;
  }
  if (next == next_step::close)
    close_after_reading(std::move(conn.peer),
                        {[slot = conn.slot](boost::system::error_code) {}, context.get_executor()});
}

/// Returns the next request. Returns nothing when the connection is to be closed: the peer has
/// gone, or its request was refused.
awaitable<std::optional<http_session::received_request>>
http_session::read_request(http_connection& conn) {
  request_parser parser;
  parser.body_limit(boost::none); // accept_body judges the length
  if (const auto failed = co_await read_head(conn, parser)) {
    if (const auto refused = problem_of_error(failed);
        refused && conn.from.quota->take_open(client_quota::clock::now()))
      co_await refuse(conn.peer, conn.from, *refused);
    co_return std::nullopt;
  }
  auto sender = context_.quotas.client_of(conn.from, parser.get());
  if (!sender.quota->take_open(client_quota::clock::now())) {
    context_.counters.add_over_limit(address_limit::opens);
    co_await refuse(conn.peer, sender,
                    {problem_code::too_fast, "There are too many requests from this address"});
    co_return std::nullopt;
  }
  if (const auto refused = normalize(parser.get())) {
    co_await refuse(conn.peer, sender, *refused);
    co_return std::nullopt;
  }
  if (!co_await accept_body(conn, parser, sender))
    co_return std::nullopt;
  co_return received_request{parser.release(), std::move(sender)};
}

awaitable<http_session::error_code> http_session::read_head(http_connection& conn,
                                                            request_parser& parser) {
  error_code ec;
  if (conn.persistent)
    ec = co_await wait_for_next_request(conn);
  conn.request_began = std::chrono::steady_clock::now();
  conn.peer.expires_after(time_for_request());
  if (!ec)
    ec = co_await hubbub::read_head(conn.peer, conn.buffer, parser,
                                    [&] { return conn.take_large_buffer(context_.limiter); });
  co_return ec;
}

/// Answers a request that is refused by its head. Returns whether it was.
awaitable<bool> http_session::refuse_body(http_connection& conn, request_parser& parser,
                                          const client& sender) {
  auto verdict = context_.endpoints.judge_head(parser.get(), sender);
  if (auto* const refused = std::get_if<http_response>(&verdict)) {
    refused->keep_alive(false); // the body is not read
    conn.peer.expires_after(answer_limit);
    co_await http::async_write(conn.peer, *refused, as_result);
    co_return true;
  }
  const auto size = parser.content_length().value_or(0);
  const bool too_large = size > std::get<std::size_t>(verdict);
  if (too_large)
    co_await refuse(conn.peer, sender, plain_problem(problem_code::too_large));
  else if (size > 0 && !conn.body.emplace(context_.limiter, size + buffer_of_body(size))) {
    conn.body.reset();
    co_await refuse(conn.peer, sender, no_memory);
  } else
    co_return false;
  co_return true;
}

/// Reads the body of a request, if it may have one. Returns false when the connection is to be
/// closed.
awaitable<bool> http_session::accept_body(http_connection& conn, request_parser& parser,
                                          const client& sender) {
  if (co_await refuse_body(conn, parser, sender))
    co_return false;
  if (!parser.is_done() && expects_continue(parser.get()))
    co_await asio::async_write(conn.peer, asio::buffer(continue_line), as_result);
  parser.get().erase(http::field::expect); // Beast would answer the field again with the upgrade
  const auto ec =
      co_await read_body(conn.peer, conn.buffer, parser, conn.request_began, time_for_request());
  if (!ec)
    co_return true;
  if (const auto refused = problem_of_error(ec))
    co_await refuse(conn.peer, sender, *refused);
  co_return false;
}

/// Answers a request, or hands the connection over to a session.
awaitable<http_session::next_step> http_session::answer(http_connection& conn,
                                                        received_request received) {
  auto& [request, sender] = received;
  std::optional<http::message_generator> answer;
  // After the stop has begun, requests are refused at once, and a stop need not wait for that.
  const bool counts = request.method() == http::verb::post && !context_.shutdown.begun;
  unanswered_request counted(counts ? context_.unanswered : nullptr);
  const bool upgrades = boost::beast::websocket::is_upgrade(request);
  if (upgrades || asks_for_events(request)) {
    auto refused = upgrades ? upgrade(conn, request, sender) : open_events(conn, request, sender);
    if (!refused)
      co_return next_step::none;
    spdlog::info("{} is refused with {}, {}: {}, from {}",
                 upgrades ? "a WebSocket" : "an event stream", refused->answer.result_int(),
                 refused->why, log_description(request), text_of(sender.address));
    answer = std::move(refused->answer);
  } else
    answer =
        co_await context_.endpoints.answer(std::move(request), std::move(sender), conn.context);
  counted.decided();
  conn.body.reset();
  conn.release_large_buffer();
  const bool keep_alive = answer->keep_alive();
  conn.peer.expires_after(answer_limit);
  const auto [ec, size] =
      co_await boost::beast::async_write(conn.peer, std::move(*answer), as_result);
  co_return !ec && keep_alive ? next_step::read : next_step::close;
}

/// Waits for the first byte of another request, until the keep-alive time is over or another
/// connection needs the slot.
awaitable<http_session::error_code> http_session::wait_for_next_request(http_connection& conn) {
  take_empty_lines(conn.buffer); // some clients end a body with an empty line
  if (conn.buffer.size() > 0)
    co_return error_code{};
  conn.buffer.shrink_to_fit();
  conn.peer.expires_after(std::chrono::seconds(context_.settings.keepalive_timeout));
  conn.slot->set_idle([peer = conn.peer, &context = conn.context] {
    asio::post(context, [peer]() mutable { peer.close(); });
  });
  const auto [ec, size] =
      co_await conn.peer.async_read_some(conn.buffer.prepare(beginning_size), as_result);
  conn.buffer.commit(size);
  co_return conn.slot->set_active() ? ec : error_code(asio::error::operation_aborted);
}

/// Makes the TLS handshake. Returns false when the connection is to be closed.
awaitable<bool> http_session::secure(tcp_stream& peer, const client& from) {
  peer.expires_after(time_for_request());
  // A TLS state takes memory, so it is made only when the peer has sent something.
  if (const auto [failed] = co_await peer.async_wait(tcp_socket::wait_read, as_result); failed)
    co_return false;
  if (!from.quota->take_open(client_quota::clock::now())) {
    context_.counters.add_over_limit(address_limit::opens);
    spdlog::info("a TLS handshake is refused, too many come: {}", text_of(from.address));
    co_return false;
  }
  const auto [failed] =
      co_await peer.async_handshake(context_.settings.certificate->new_connection(), as_result);
  if (!failed)
    co_return true;
  if (tcp_stream::is_plain_http(failed))
    co_await refuse(peer, from, {problem_code::https_required, "This port speaks HTTPS"});
  else
    spdlog::info("a TLS handshake failed, {}: {}", failed.message(), text_of(from.address));
  co_return false;
}

awaitable<void> http_session::refuse(tcp_stream& to, const client& sender, problem why) {
  spdlog::info("a request is refused, {}: {}", why.detail, text_of(sender.address));
  const bool temporary = why.status() == http::status::too_many_requests ||
                         why.status() == http::status::service_unavailable;
  const auto answer = last_response(why, temporary ? std::optional{1} : std::nullopt);
  to.expires_after(answer_limit);
  co_await http::async_write(to, answer, as_result);
}

/// The time for the whole of a request, once it has begun or its connection is new.
std::chrono::steady_clock::duration http_session::time_for_request() const {
  return context_.limiter->half_full() ? crowded_request_limit : request_limit;
}

} // namespace hubbub
