#include "net/server/gateway.hpp"

#include "net/server/early_refusal.hpp"
#include "net/transport/lingering_close.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Milliseconds after which clients come back from a restart: one after another, a thousand a
/// second. To open one costs 80 µs (tests/bench), so that is less than a tenth of one core's time,
/// and half of it on a machine six times slower. The first comes when the next process is there:
/// it starts when this one has said goodbye to all, at some 100 µs each.
constexpr std::size_t first_return_ms = 1000, closes_per_ms = 10;

/// For balancers, to hear that this hub is no longer ready before its clients look for another.
constexpr auto drain_notice = 1s;

/// From the signal on, until whoever has not answered the close is cut.
constexpr auto stop_limit = 8500ms;

/// Descriptors for the database, files and threads' own; and as many for HTTP beside the
/// WebSockets.
constexpr std::size_t spare_descriptors = 64;

/// A second, from one public address, unless set.
constexpr double frames_per_ip = 1000, opens_per_ip = 100;

/// A page that goes wrong may be told so a thousand times (net/websocket/session), and two of them.
constexpr double refused_per_ip = 100, refused_at_once = 2000;

address_limits address_limits_of(const options& settings, double frames, double opens) {
  address_limits out{.opens = settings.opens_per_ip.value_or(opens),
                     .frames = settings.rate_limit_per_ip.value_or(frames)};
  if (out.frames > 0)
    out.refused = refused_per_ip, out.refused_at_once = refused_at_once;
  if (settings.max_connections_per_ip)
    out.connections = settings.max_connections_per_ip;
  if (out.opens > 0) // each may take its time to ask
    out.pending =
        std::size_t(std::max(spare_descriptors * 1., out.opens * http_session::request_limit / 1s));
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

connection_limiter::limits limiter_limits(const options& settings,
                                          std::shared_ptr<const memory_budget> memory) {
  const auto sockets = std::max(raise_file_limit(), 3 * spare_descriptors) - spare_descriptors;
  const auto wanted = settings.max_connections ? settings.max_connections : SIZE_MAX;
  return {std::min(wanted, sockets - spare_descriptors), sockets, settings.certificate != nullptr,
          std::move(memory)};
}

http_settings endpoint_settings(const options& settings) {
  // The old chat may keep its files one folder deeper.
  const auto second = settings.own_page ? settings.client_dir : settings.public_dir / "static";
  return {.page_dirs = {settings.public_dir, second},
          .own_page = settings.own_page,
          .docs_dir = settings.docs_dir,
          .allowed_origins = settings.allowed_origins,
          .token = settings.token,
          .admin_token = settings.admin_token,
          .stats = {settings.store.kind, settings.certificate}};
}

bool wait_until(std::chrono::steady_clock::duration at_most, const std::function<bool()>& done) {
  for (const auto end = std::chrono::steady_clock::now() + at_most; !done();) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

} // namespace

gateway::gateway(const options& settings, lanes& threads)
    : settings_(settings), lanes_(threads),
      quotas_(address_limits_of(settings, frames_per_ip, opens_per_ip),
              address_limits_of(settings, 0, 0), settings.trusted_proxies),
      limiter_(std::make_shared<connection_limiter>(
          limiter_limits(settings, threads.front()->limit().memory))),
      context_(1), acceptor_(context_) {
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
  endpoints_.emplace(endpoint_settings(settings_), actors, lanes_, [this] {
    return gateway_state{connections(), shutdown_.begun};
  });
  http_session_.emplace(http_session::http_context{
      settings_, actors, *endpoints_, quotas_, limiter_, lanes_.front()->counters(), shutdown_});
  for (const auto& each : lanes_) {
    actors.ingress().on_room([&lane = *each] { lane.wake(); });
    each->start();
  }
  asio::co_spawn(context_, accept(), asio::detached);
  asio::co_spawn(context_, beat(), asio::detached);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "door");
    context_.run();
  });
}

// -- in -------------------------------------------------------------------------------------------

awaitable<void> gateway::accept() {
  io_timer pause(context_);
  for (;;) {
    const auto [gone] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, as_result);
    if (gone)
      co_return;
    if (accept_pending())
      continue;
    // Out of descriptors, most likely: those who wait are served when others leave.
    pause.expires_after(100ms);
    co_await pause.async_wait(as_result);
  }
}

awaitable<void> gateway::beat() {
  io_timer tick(context_);
  for (;;) {
    heartbeat_->beat();
    heartbeat_->expect();
    tick.expires_after(1s);
    co_await tick.async_wait(as_result);
  }
}

/// Accepts all who wait, each into the next lane. False: somebody could not be.
bool gateway::accept_pending() {
  for (;;) {
    auto memory = limiter_->admission_of_socket();
    while (memory != connection_limiter::room::to_serve && limiter_->give_way())
      memory = limiter_->admission_of_socket();
    if (memory == connection_limiter::room::none)
      return false;
    lane* const io = shutdown_.begun ? nullptr : next_responsive_lane();
    auto& context = io ? io->context() : context_;
    tcp_socket socket(context);
    tcp::endpoint peer;
    boost::system::error_code ec;
    acceptor_.accept(socket, peer, ec);
    if (ec)
      return ec == asio::error::would_block || ec == asio::error::connection_aborted;
    auto from = quotas_.peer(as_ip(peer.address()));
    auto slot = connection_limiter::come(limiter_, from.quota);
    if (!slot) {
      lanes_.front()->counters().add_over_limit(address_limit::sockets);
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (memory == connection_limiter::room::to_refuse) {
      const auto closed = [slot](boost::system::error_code) {};
      if (settings_.certificate) // nothing could be said before a handshake
        close_after_reading(tcp_stream(std::move(socket)), {closed, context.get_executor()});
      else
        send_early_refusal(std::move(socket), {closed, context.get_executor()});
      continue;
    }
    asio::co_spawn(
        context,
        http_session_->serve(std::move(socket), io, context, std::move(from), std::move(slot)),
        asio::detached);
  }
}

lane* gateway::next_responsive_lane() {
  for (std::size_t tries = 0; tries < lanes_.size(); ++tries)
    if (auto* const next = lanes_[next_lane_++ % lanes_.size()].get();
        !next->heartbeat_of_thread()->stalled())
      return next;
  return nullptr;
}

// -- out ------------------------------------------------------------------------------------------

bool gateway::stop() {
  const auto began = std::chrono::steady_clock::now();
  const auto nobody = [this] { return limiter_->taken() == 0; };
  // Whoever is refused comes after those who were let in.
  shutdown_.retry_after = (first_return_ms + limiter_->taken() * return_every) / 1000 + 2;
  shutdown_.begun = true;
  wait_until(drain_notice, nobody);
  for (const auto& each : lanes_)
    each->stop_reading();
  const bool stored =
      wait_until(3s,
                 [this] {
                   return std::all_of(lanes_.begin(), lanes_.end(),
                                      [](const auto& each) { return each->unsettled == 0; });
                 }) &&
      hub_->drain(1s);
  send_away_for_restart(lanes_, first_return_ms + limiter_->taken() / closes_per_ms);
  if (!wait_until(began + stop_limit - std::chrono::steady_clock::now(), nobody))
    spdlog::warn("{} connections did not answer the close and are cut", limiter_->taken());
  return stored;
}

void gateway::end() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

} // namespace hubbub
