#include "net/server/http_session.hpp"

#include "net/http/request_head.hpp"
#include "net/transport/lingering_close.hpp"
#include "net/websocket/session.hpp"
#include "net/websocket/upgrade.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr std::uint32_t max_header = 8 * 1024;
constexpr std::size_t read_size = 512;
constexpr auto answer_limit = 30s, short_limit = 1s;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// What a peer has done wrong; nothing, if nobody is there to hear it.
std::optional<http::status> fault_of(boost::system::error_code why) {
  if (why == http::error::header_limit || why == http::error::buffer_overflow)
    return http::status::request_header_fields_too_large;
  if (why == http::error::body_limit)
    return http::status::payload_too_large;
  if (why == http::error::end_of_stream ||
      why.category() != make_error_code(http::error::bad_value).category())
    return {};
  return http::status::bad_request;
}

/// Takes empty lines off the front (RFC 9112, section 2.2) and returns how many bytes they had.
std::size_t take_empty_lines(boost::beast::flat_buffer& buffer) {
  const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
  std::size_t size = 0;
  while (text.substr(size).starts_with("\r\n"))
    size += 2;
  buffer.consume(size);
  return size;
}

/// More than the beginning of an empty line.
bool has_request(const boost::beast::flat_buffer& buffer) {
  const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
  return !text.empty() && text != "\r";
}

} // namespace

awaitable<void> http_session::serve(tcp_socket socket, lane* where, asio::io_context& context,
                                    client from, std::shared_ptr<connection_limiter::slot> place) {
  tcp_stream peer(std::move(socket));
  boost::beast::flat_buffer buffer;
  bool asked = false; // before, on this connection
  for (bool keep = !context_.settings.certificate || co_await secure(peer, from); keep;
       asked = true) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header);
    parser.body_limit(connection_limiter::body_slot::max_bytes);
    error_code ec;
    if (asked)
      ec = co_await rest(peer, buffer, place, context);
    peer.expires_after(patience());
    if (!ec)
      ec = co_await read_beginning(peer, buffer);
    if (!ec)
      ec = std::get<0>(co_await http::async_read_header(peer, buffer, parser, as_result));
    if (ec) {
      if (const auto wrong = fault_of(ec);
          wrong && from.quota->take_open(client_quota::clock::now()))
        co_await refuse(peer, from, *wrong);
      break;
    }
    const auto who = context_.quotas.client_of(from, parser.get());
    if (!who.quota->take_open(client_quota::clock::now())) {
      context_.counters.add_over_limit(address_limit::opens);
      co_await refuse(peer, who, http::status::too_many_requests,
                      "There are too many requests from this address");
      break;
    }
    if (const auto refused = normalize(parser.get())) {
      co_await refuse(peer, who, refused->status, refused->why);
      break;
    }
    std::optional<connection_limiter::body_slot> body;
    if (!parser.is_done() && !body.emplace(context_.seats)) {
      co_await refuse(peer, who, http::status::service_unavailable, "There is no memory for this");
      break;
    }
    if (!parser.is_done() && expects_continue(parser.get()))
      co_await asio::async_write(peer, asio::buffer(go_on), as_result);
    parser.get().erase(http::field::expect); // Beast would answer it again with the upgrade
    if (const auto [ec, size] = co_await http::async_read(peer, buffer, parser, as_result); ec) {
      if (const auto wrong = fault_of(ec))
        co_await refuse(peer, who, *wrong);
      break;
    }
    body.reset();
    auto request = parser.release();
    std::optional<http::message_generator> answer;
    if (boost::beast::websocket::is_upgrade(request)) {
      auto refused =
          upgrade(request, peer, where, place, who, boost::beast::buffers_to_string(buffer.data()));
      if (!refused)
        co_return; // a session has the socket now
      spdlog::info("a WebSocket is refused with {}, {}: {}, from {}", refused->answer.result_int(),
                   refused->why, log_description(request), text_of(who.address));
      answer = std::move(refused->answer);
    } else
      answer = co_await context_.endpoints.answer(std::move(request), context);
    keep = answer->keep_alive();
    peer.expires_after(answer_limit);
    if (const auto [ec, size] =
            co_await boost::beast::async_write(peer, std::move(*answer), as_result);
        ec)
      break;
  }
  close_after_reading(std::move(peer),
                      {[place](boost::system::error_code) {}, context.get_executor()});
}

/// Waits for the first byte of another request, for as long as nobody needs the place more.
awaitable<http_session::error_code>
http_session::rest(tcp_stream& peer, boost::beast::flat_buffer& buffer,
                   const std::shared_ptr<connection_limiter::slot>& place,
                   asio::io_context& context) {
  take_empty_lines(buffer); // some clients end a body with one, which begins nothing
  if (buffer.size() > 0)
    co_return error_code{};
  buffer.shrink_to_fit();
  peer.expires_after(std::chrono::seconds(context_.settings.keepalive_timeout));
  place->set_idle([peer, &context] { asio::post(context, [peer]() mutable { peer.close(); }); });
  const auto [ec, size] = co_await peer.async_read_some(buffer.prepare(read_size), as_result);
  buffer.commit(size);
  co_return place->set_active() ? ec : error_code(asio::error::operation_aborted);
}

/// Reads until the buffer begins with a request. Empty lines before it count as part of its head.
awaitable<http_session::error_code>
http_session::read_beginning(tcp_stream& peer, boost::beast::flat_buffer& buffer) {
  for (std::size_t skipped = 0; (skipped += take_empty_lines(buffer)) <= max_header;) {
    if (has_request(buffer))
      co_return error_code{};
    const auto [ec, size] = co_await peer.async_read_some(buffer.prepare(read_size), as_result);
    if (ec && buffer.size() == 0)
      co_return ec;
    if (ec)
      co_return error_code{}; // what is left is for the parser to judge
    buffer.commit(size);
  }
  co_return make_error_code(http::error::header_limit);
}

/// False: there is no TLS with this peer.
awaitable<bool> http_session::secure(tcp_stream& peer, const client& from) {
  peer.expires_after(patience());
  // Who says nothing costs no TLS.
  if (const auto [gone] = co_await peer.async_wait(tcp_socket::wait_read, as_result); gone)
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
    co_await refuse(peer, from, http::status::bad_request, "This port speaks HTTPS");
  else
    spdlog::info("a TLS handshake failed, {}: {}", failed.message(), text_of(from.address));
  co_return false;
}

awaitable<void> http_session::refuse(tcp_stream& to, const client& who, http::status status,
                                     std::string_view why) {
  spdlog::info("a request is refused, {}: {}", why, text_of(who.address));
  const bool passes =
      status == http::status::too_many_requests || status == http::status::service_unavailable;
  const auto answer = last_response(status, why, passes ? std::optional{1} : std::nullopt);
  to.expires_after(answer_limit);
  co_await http::async_write(to, answer, as_result);
}

std::optional<refused_request>
http_session::upgrade(const http_request& request, tcp_stream& peer, lane* where,
                      const std::shared_ptr<connection_limiter::slot>& place, const client& who,
                      std::string early) {
  const auto& settings = context_.settings;
  auto read = read_upgrade(request, {.pages = settings.allowed_origins,
                                     .token = settings.token ? &*settings.token : nullptr});
  if (auto* const wrong = std::get_if<refused_request>(&read))
    return std::move(*wrong);
  const auto later = [&](http::status status, std::string_view why, std::size_t seconds) {
    return refused_request{error_response(request, status, why, seconds), std::string(why)};
  };
  if (context_.closing.come || !where)
    return later(http::status::service_unavailable,
                 context_.closing.come ? "The hub restarts" : "No thread of the hub can take this",
                 context_.closing.retry_after);
  if (const auto full = place->admit_websocket(who.quota)) {
    if (full->status == http::status::too_many_requests)
      context_.counters.add_over_limit(address_limit::connections);
    return later(full->status, full->why, 5);
  }
  auto& [asked, admitted] = std::get<admission>(read);
  peer.expires_never();
  session::start(*where, context_.actors, write_queue(peer, std::move(early)), request,
                 std::move(asked), std::move(admitted), who, place);
  return {};
}

std::chrono::steady_clock::duration http_session::patience() const {
  return context_.seats->half_full() ? short_limit : request_limit;
}

} // namespace hubbub
