#include "net/gateway.hpp"

#include "net/credentials.hpp"
#include "net/linger.hpp"
#include "net/origin.hpp"
#include "net/refusal.hpp"
#include "net/request_head.hpp"
#include "net/session.hpp"
#include "net/ws_query.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/url/parse.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;
using io_executor = asio::io_context::executor_type;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<io_executor>{});

constexpr std::uint32_t max_header = 8 * 1024, max_body = 16 * 1024;
constexpr auto request_limit = 10s, answer_limit = 30s;
/// What the largest head of a request takes of memory, and what a refusal; how many are served when
/// memory is full: /health has to be answered. How long a request may take when there are many.
constexpr std::size_t head_weight = 12 * 1024, refusal_weight = 2 * 1024, reserve = 16;
constexpr auto short_limit = 1s;

/// One of so many, while it lives.
class one_of {
public:
  one_of(std::atomic<std::size_t>& taken, std::size_t most) : taken_(taken), is_(taken++ < most) {}
  ~one_of() { --taken_; }
  one_of(const one_of&) = delete;
  explicit operator bool() const { return is_; }

private:
  std::atomic<std::size_t>& taken_;
  const bool is_;
};

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// Milliseconds after which clients come back from a restart: one after another, a thousand a
/// second. To open one costs 80 µs (tests/bench), so that is less than a tenth of one core's time,
/// and half of it on a machine six times slower. The first comes when the next process is there:
/// it starts when this one has said goodbye to all, at some 100 µs each.
constexpr std::size_t first_return = 1000, return_every = 1, goodbyes_a_millisecond = 10;

/// For balancers, to hear that this hub is no longer ready before its clients look for another.
constexpr auto notice = 1s;

/// From the signal on, until whoever has not answered the close is cut.
constexpr auto stop_limit = 8500ms;

/// Descriptors for the database, files and threads' own; and as many for HTTP beside the
/// WebSockets.
constexpr std::size_t spare_descriptors = 64;

/// A second, from one public address, unless set.
constexpr double frames_per_ip = 1000, opens_per_ip = 100;

/// A page that goes wrong may be told so a thousand times (net/session), and two of them.
constexpr double refused_per_ip = 100, refused_at_once = 2000;

address_limits limits_of(const options& settings, double frames, double opens) {
  address_limits out{.opens = settings.opens_per_ip.value_or(opens),
                     .frames = settings.rate_limit_per_ip.value_or(frames)};
  if (out.frames > 0)
    out.refused = refused_per_ip, out.refused_at_once = refused_at_once;
  if (settings.max_connections_per_ip)
    out.connections = settings.max_connections_per_ip;
  if (out.opens > 0) // each may take its time to ask
    out.at_door = std::size_t(std::max(spare_descriptors * 1., out.opens * request_limit / 1s));
  return out;
}

std::size_t raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur;
}

bool waits(std::chrono::steady_clock::duration at_most, const std::function<bool()>& done) {
  for (const auto end = std::chrono::steady_clock::now() + at_most; !done();) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

} // namespace

gateway::gateway(const options& settings, lanes& threads)
    : settings_(settings), lanes_(threads), context_(1), acceptor_(context_),
      most_sockets_(std::max(raise_file_limit(), 3 * spare_descriptors) - spare_descriptors),
      addresses_(limits_of(settings, frames_per_ip, opens_per_ip), limits_of(settings, 0, 0),
                 settings.trusted_proxies),
      places_(
          {.connections = std::min(settings.max_connections ? settings.max_connections : SIZE_MAX,
                                   most_sockets_ - spare_descriptors),
           .memory = threads.front()->limit().memory}),
      memory_(threads.front()->memory()) {
  boost::system::error_code ec;
  const tcp::endpoint endpoint(asio::ip::make_address(settings.host), settings.port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint, ec);
  if (!ec)
    acceptor_.listen(4096, ec);
  if (ec)
    throw std::runtime_error("cannot listen on " + settings.host + " port " +
                             std::to_string(settings.port) + ": " + ec.message());
  acceptor_.non_blocking(true);
  port_ = acceptor_.local_endpoint().port();
}

gateway::~gateway() {
  end();
}

void gateway::start(hub& actors) {
  hub_ = &actors;
  endpoints_.emplace(settings_, actors, lanes_, [this] {
    return door_state{connections(), draining_};
  });
  for (const auto& each : lanes_) {
    actors.accepted().on_room([&lane = *each] { lane.wake(); });
    each->start();
  }
  asio::co_spawn(context_, accept(), asio::detached);
  asio::co_spawn(context_, live(), asio::detached);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "door");
    context_.run();
  });
}

// -- in -------------------------------------------------------------------------------------------

gateway::awaitable<void> gateway::accept() {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, executor>
      pause(context_);
  for (;;) {
    const auto [gone] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, as_result);
    if (gone)
      co_return;
    if (accept_waiting())
      continue;
    // Out of descriptors, most likely: those who wait are served when others leave.
    pause.expires_after(100ms);
    co_await pause.async_wait(as_result);
  }
}

gateway::awaitable<void> gateway::live() {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, executor>
      tick(context_);
  for (;;) {
    heart_->beat();
    heart_->expect();
    tick.expires_after(1s);
    co_await tick.async_wait(as_result);
  }
}

/// Accepts all who wait, each into the next lane. False: somebody could not be.
bool gateway::accept_waiting() {
  for (;;) {
    const auto memory = room_for_http();
    if (memory == room::none)
      return false;
    lane* const where = draining_ ? nullptr : living_lane();
    auto& context = where ? where->context() : context_;
    tcp_socket socket(context);
    tcp::endpoint peer;
    boost::system::error_code ec;
    acceptor_.accept(socket, peer, ec);
    if (ec)
      return ec == asio::error::would_block || ec == asio::error::connection_aborted;
    auto from = addresses_.peer(as_ip(peer.address()));
    if (sockets_ >= most_sockets_ || from.account->at_door >= from.account->limits().at_door) {
      lanes_.front()->counted().add_excess("sockets");
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    ++sockets_;
    ++from.account->at_door;
    if (memory == room::to_refuse) {
      const auto closed = [this, from](boost::system::error_code) {
        --from.account->at_door;
        --sockets_;
      };
      if (settings_.certificate) // nothing could be said before a handshake
        linger(line(std::move(socket)), {closed, context.get_executor()});
      else
        refuse_at_once(std::move(socket), {closed, context.get_executor()});
      continue;
    }
    asio::co_spawn(context, serve(std::move(socket), where, context, std::move(from)),
                   asio::detached);
  }
}

/// Sockets that are no WebSockets, and as many of them as are served.
std::size_t gateway::in_http() const {
  const auto all = std::int64_t(sockets_) - std::int64_t(places_.taken());
  return std::size_t(std::max(all, std::int64_t{0}));
}

std::size_t gateway::most_in_http() const {
  return memory_.level() == pressure::full ? reserve : memory_.share(SIZE_MAX, 8) / head_weight;
}

/// Whoever is not even refused waits in the kernel.
gateway::room gateway::room_for_http() const {
  const auto now = in_http(), most = most_in_http();
  return now < most                                                      ? room::to_serve
         : now < most + memory_.share(SIZE_MAX / 2, 16) / refusal_weight ? room::to_refuse
                                                                         : room::none;
}

lane* gateway::living_lane() {
  for (std::size_t tries = 0; tries < lanes_.size(); ++tries)
    if (auto* const next = lanes_[turn_++ % lanes_.size()].get(); !next->sign_of_life()->stalled())
      return next;
  return nullptr;
}

gateway::awaitable<void> gateway::serve(tcp_socket socket, lane* where, asio::io_context& context,
                                        caller from) {
  line peer(std::move(socket));
  boost::beast::flat_buffer buffer;
  for (bool keep = !settings_.certificate || co_await secure(peer, from); keep;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header);
    parser.body_limit(max_body);
    peer.expires_after(in_http() > most_in_http() / 2 ? short_limit : request_limit);
    if (const auto [ec, size] = co_await http::async_read_header(peer, buffer, parser, as_result);
        ec) {
      if (from.account->take_open(account::clock::now()))
        co_await answer_bad(peer, ec);
      break;
    }
    const auto who = addresses_.behind(from, parser.get());
    if (!who.account->take_open(account::clock::now())) {
      co_await answer_too_fast(peer, who);
      break;
    }
    if (const auto refused = straighten(parser.get())) {
      co_await answer_bad(peer, refused->status, refused->why);
      break;
    }
    const one_of bodies(bodies_, memory_.share(SIZE_MAX, 16) / max_body);
    if (!parser.is_done() && !bodies) {
      co_await answer_bad(peer, http::status::service_unavailable, "There is no memory for this");
      break;
    }
    if (!parser.is_done() && expects_continue(parser.get()))
      co_await asio::async_write(peer, asio::buffer(go_on), as_result);
    parser.get().erase(http::field::expect); // Beast would answer it again with the upgrade
    if (const auto [ec, size] = co_await http::async_read(peer, buffer, parser, as_result); ec) {
      co_await answer_bad(peer, ec);
      break;
    }
    auto request = parser.release();
    std::optional<http::message_generator> answer;
    if (boost::beast::websocket::is_upgrade(request)) {
      auto refused =
          upgrade(request, peer, where, who, boost::beast::buffers_to_string(buffer.data()));
      if (!refused) {
        --from.account->at_door;
        co_return; // a session has the socket now
      }
      spdlog::info("a WebSocket is refused with {}: {}", refused->result_int(),
                   text_of(who.address));
      answer = std::move(*refused);
    } else
      answer = co_await endpoints_->answer(std::move(request), context);
    keep = answer->keep_alive();
    peer.expires_after(answer_limit);
    if (const auto [ec, size] =
            co_await boost::beast::async_write(peer, std::move(*answer), as_result);
        ec)
      break;
  }
  linger(std::move(peer), {[this, from](boost::system::error_code) {
                             --from.account->at_door;
                             --sockets_;
                           },
                           context.get_executor()});
}

/// False: there is no TLS with this peer.
gateway::awaitable<bool> gateway::secure(line& peer, const caller& from) {
  peer.expires_after(in_http() > most_in_http() / 2 ? short_limit : request_limit);
  // Who says nothing costs no TLS.
  if (const auto [gone] = co_await peer.async_wait(tcp_socket::wait_read, as_result); gone)
    co_return false;
  if (!from.account->take_open(account::clock::now())) {
    lanes_.front()->counted().add_excess("opens");
    spdlog::info("a TLS handshake is refused, too many come: {}", text_of(from.address));
    co_return false;
  }
  const auto [failed] = co_await peer.async_secure(settings_.certificate->open(), as_result);
  if (!failed)
    co_return true;
  if (line::is_plain_http(failed))
    co_await answer_bad(peer, http::status::bad_request, "This port speaks HTTPS");
  else
    spdlog::info("a TLS handshake failed, {}: {}", failed.message(), text_of(from.address));
  co_return false;
}

gateway::awaitable<void> gateway::answer_bad(line& to, boost::system::error_code why) {
  auto status = http::status::bad_request;
  if (why == http::error::header_limit || why == http::error::buffer_overflow)
    status = http::status::request_header_fields_too_large;
  else if (why == http::error::body_limit)
    status = http::status::payload_too_large;
  else if (why == boost::beast::error::timeout || why == http::error::end_of_stream ||
           why.category() != make_error_code(http::error::bad_value).category())
    co_return; // nobody is there to listen
  co_await answer_bad(to, status, std::string_view(http::obsolete_reason(status)));
}

gateway::awaitable<void> gateway::answer_bad(line& to, http::status status, std::string_view why) {
  http_request nothing;
  spdlog::info("a request is refused, {}", why);
  nothing.version(11);
  nothing.keep_alive(false);
  const auto answer = error_response(nothing, status, why);
  to.expires_after(answer_limit);
  co_await http::async_write(to, answer, as_result);
}

gateway::awaitable<void> gateway::answer_too_fast(line& to, const caller& who) {
  lanes_.front()->counted().add_excess("opens");
  spdlog::info("a request is refused, too many come: {}", text_of(who.address));
  http_request nothing;
  nothing.version(11);
  nothing.keep_alive(false);
  auto answer = error_response(nothing, http::status::too_many_requests,
                               "There are too many requests from this address");
  answer.set(http::field::retry_after, "1");
  to.expires_after(answer_limit);
  co_await http::async_write(to, answer, as_result);
}

std::optional<http_response> gateway::upgrade(const http_request& request, line& from, lane* where,
                                              const caller& who, std::string early) {
  const auto field = [&](http::field name) {
    return std::string_view(request[name].data(), request[name].size());
  };
  const auto no = [&](http::status status, std::string_view why) {
    return error_response(request, status, why);
  };
  const auto url = boost::urls::parse_origin_form(
      boost::urls::string_view(request.target().data(), request.target().size()));
  if (!url)
    return no(http::status::bad_request, "The request's target is malformed");
  if (url->path() != "/ws")
    return no(http::status::not_found, "Not Found");
  if (draining_ || !where) {
    auto out = no(http::status::service_unavailable,
                  draining_ ? "The hub restarts" : "No thread of the hub can take this");
    out.set(http::field::retry_after, std::to_string(retry_late_));
    return out;
  }
  if (field(http::field::sec_websocket_version) != "13") {
    auto out = no(http::status::upgrade_required, "This is a WebSocket of version 13");
    out.set(http::field::upgrade, "websocket");
    out.set(http::field::sec_websocket_version, "13");
    return out;
  }
  if (!is_websocket_key(field(http::field::sec_websocket_key)))
    return no(http::status::bad_request, "Sec-WebSocket-Key has 16 bytes in base64");
  if (!origin_allowed(field(http::field::origin), field(http::field::host),
                      settings_.allowed_origins))
    return no(http::status::forbidden, "Pages of this origin may not connect here");
  auto asked = read_ws_query(*url);
  if (const auto* wrong = std::get_if<std::string_view>(&asked))
    return no(http::status::bad_request, *wrong);
  auto& query = std::get<ws_query>(asked);
  auto admitted = admit(settings_.token ? &*settings_.token : nullptr, request, *url, query.room);
  if (auto* const refused = std::get_if<http_response>(&admitted))
    return std::move(*refused);
  if (const auto full = places_.enter(*who.account)) {
    if (full->status == http::status::too_many_requests)
      lanes_.front()->counted().add_excess("connections");
    auto out = no(full->status, full->why);
    out.set(http::field::retry_after, "5");
    return out;
  }
  from.expires_never();
  session::start(*where, *hub_, pipe(from, std::move(early)), request, std::move(query),
                 std::get<pass>(std::move(admitted)), who, [this](const caller& gone) {
                   places_.leave(*gone.account);
                   --sockets_;
                 });
  return {};
}

// -- out ------------------------------------------------------------------------------------------

bool gateway::stop() {
  const auto began = std::chrono::steady_clock::now();
  const auto nobody = [this] { return places_.taken() == 0; };
  // Whoever is refused comes after those who were let in.
  retry_late_ = (first_return + places_.taken() * return_every) / 1000 + 2;
  draining_ = true;
  waits(notice, nobody);
  for (const auto& each : lanes_)
    each->stop_reading();
  const bool stored =
      waits(3s,
            [this] {
              return std::all_of(lanes_.begin(), lanes_.end(),
                                 [](const auto& each) { return each->unsettled == 0; });
            }) &&
      hub_->drain(1s);
  const std::size_t all = places_.taken(), first = first_return + all / goodbyes_a_millisecond;
  for (std::size_t i = 0; i < lanes_.size(); ++i) // 1012: Service Restart, in IANA's registry
    lanes_[i]->close_all(1012, first + i * return_every, lanes_.size() * return_every);
  if (!waits(began + stop_limit - std::chrono::steady_clock::now(), nobody))
    spdlog::warn("{} connections did not answer the close and are cut", places_.taken());
  return stored;
}

void gateway::end() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

} // namespace hubbub
