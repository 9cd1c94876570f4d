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

/// After a restart clients come back one after another, a thousand per second (return_every).
/// Opening a connection costs 80 µs (tests/bench), so they take less than a tenth of one core, and
/// half of it on a machine six times slower. The first client returns `first_return_ms` after the
/// last close frame, when the next process is ready; a close frame costs about 100 µs.
constexpr std::size_t first_return_ms = 1000, closes_per_ms = 10;

/// Time for load balancers to notice that this hub is no longer ready, before its clients
/// reconnect.
constexpr auto drain_notice = 1s;

/// Time from the signal until connections that have not answered the close frame are cut.
constexpr auto stop_limit = 8500ms;

/// Time for clients to read the answers to their publications, which are stored by then.
constexpr auto answer_notice = 1s;

/// File descriptors that are reserved for the database, files and threads; as many again are
/// reserved for HTTP connections beside the WebSockets.
constexpr std::size_t spare_descriptors = 64;

/// Default rates per second and public address.
constexpr double frames_per_ip = 1000, opens_per_ip = 100;

/// Refused frames of one address: per second, and at once. One connection may have a thousand
/// refused frames at once (max_penalty in net/websocket/session.cpp), so two connections of an
/// address may.
constexpr double refused_per_ip = 100, refused_at_once = 2000;

address_limits address_limits_of(const options& settings, double frames, double opens) {
  address_limits out{.opens = settings.opens_per_ip.value_or(opens),
                     .frames = settings.rate_limit_per_ip.value_or(frames)};
  if (out.frames > 0)
    out.refused = refused_per_ip, out.refused_at_once = refused_at_once;
  if (settings.max_connections_per_ip)
    out.connections = settings.max_connections_per_ip;
  if (out.opens > 0) // every connection of a legal rate may take the whole request_limit
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
  // The old chat kept its files in a folder `static` of its page.
  const auto second_dir = settings.own_page ? settings.client_dir : settings.public_dir / "static";
  return {.page_dirs = {settings.public_dir, second_dir},
          .own_page = settings.own_page,
          .docs_dir = settings.docs_dir,
          .allowed_origins = settings.allowed_origins,
          .token = settings.token,
          .admin_token = settings.admin_token,
          .max_publish_body = max_publish_body(settings.max_data),
          .stats = {settings.store.kind, settings.certificate}};
}

/// Returns whether `done` became true within `at_most`. Blocks the calling thread.
bool wait_for(std::chrono::steady_clock::duration at_most, const std::function<bool()>& done) {
  for (const auto end = std::chrono::steady_clock::now() + at_most; !done();) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

} // namespace

gateway::gateway(const options& settings, io_threads& threads)
    : settings_(settings), io_threads_(threads),
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
  endpoints_.emplace(endpoint_settings(settings_), actors, io_threads_, [this] {
    return gateway_state{connections(), shutdown_.begun, shutdown_.retry_after};
  });
  http_session_.emplace(http_session::http_context{settings_, actors, *endpoints_, quotas_,
                                                   limiter_, io_threads_.front()->counters(),
                                                   shutdown_, unanswered_});
  for (const auto& each : io_threads_) {
    actors.ingress().on_space([&io = *each] { io.wake(); });
    each->start();
  }
  asio::co_spawn(context_, accept(), asio::detached);
  asio::co_spawn(context_, beat(), asio::detached);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "door");
    context_.run();
  });
}

// -- accepting ------------------------------------------------------------------------------------

awaitable<void> gateway::accept() {
  io_timer pause(context_);
  for (;;) {
    const auto [failed] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, as_result);
    if (failed)
      co_return;
    if (accept_pending())
      continue;
    // Descriptors or memory are short: pending connections wait in the kernel until others end.
    pause.expires_after(100ms);
    co_await pause.async_wait(as_result);
  }
}

/// Accepts all pending connections, each into the next I/O thread. Returns false if one could not
/// be accepted.
bool gateway::accept_pending() {
  for (;;) {
    auto memory = limiter_->decide();
    while (memory != connection_limiter::decision::serve && limiter_->evict_idle())
      memory = limiter_->decide();
    if (memory == connection_limiter::decision::wait)
      return false;
    io_thread* const io = shutdown_.begun ? nullptr : next_responsive_thread();
    auto& context = io ? io->context() : context_;
    tcp_socket socket(context);
    tcp::endpoint peer;
    boost::system::error_code ec;
    acceptor_.accept(socket, peer, ec);
    if (ec)
      return ec == asio::error::would_block || ec == asio::error::connection_aborted;
    ++next_io_thread_; // each call ends with an attempt that finds no connection, which has no turn
    auto from = quotas_.peer(as_ip(peer.address()));
    auto slot = connection_limiter::acquire(limiter_, from.quota);
    if (!slot) {
      io_threads_.front()->counters().add_over_limit(address_limit::sockets);
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (memory == connection_limiter::decision::refuse) {
      refuse(std::move(socket), context, std::move(slot));
      continue;
    }
    asio::co_spawn(
        context,
        http_session_->serve(std::move(socket), io, context, std::move(from), std::move(slot)),
        asio::detached);
  }
}

/// Ends a connection for which there is no memory.
void gateway::refuse(tcp_socket socket, asio::io_context& context,
                     std::shared_ptr<connection_limiter::slot> slot) {
  const auto closed = [slot = std::move(slot)](boost::system::error_code) {};
  if (settings_.certificate) // no answer can be sent before a handshake
    close_after_reading(tcp_stream(std::move(socket)), {closed, context.get_executor()});
  else
    send_early_refusal(std::move(socket), {closed, context.get_executor()});
}

/// Returns the next I/O thread that is not stalled, in turn; null if all are stalled.
io_thread* gateway::next_responsive_thread() {
  for (std::size_t tries = 0; tries < io_threads_.size(); ++tries, ++next_io_thread_)
    if (auto* const next = io_threads_[next_io_thread_ % io_threads_.size()].get();
        !next->heartbeat_of_thread()->stalled())
      return next;
  return nullptr;
}

/// Beats once a second, so that a stall of this thread is noticed.
awaitable<void> gateway::beat() {
  io_timer tick(context_);
  for (;;) {
    heartbeat_->beat();
    heartbeat_->expect();
    tick.expires_after(1s);
    co_await tick.async_wait(as_result);
  }
}

// -- stopping -------------------------------------------------------------------------------------

bool gateway::stop() {
  const auto started = std::chrono::steady_clock::now();
  const auto no_connection = [this] { return limiter_->websockets() == 0; };
  // Clients that are refused from now on return after the clients that are connected.
  shutdown_.retry_after = (first_return_ms + limiter_->websockets() * return_every) / 1000 + 2;
  shutdown_.begun = true;
  wait_for(drain_notice, no_connection);
  for (const auto& each : io_threads_)
    each->stop_reading();
  const bool decided = wait_for(3s, [this] {
    return unanswered_->undecided == 0 &&
           std::all_of(io_threads_.begin(), io_threads_.end(),
                       [](const auto& each) { return each->unsettled == 0; });
  });
  const bool drained = hub_->drain(1s);
  wait_for(answer_notice, [this] { return unanswered_->unwritten == 0; });
  send_away_for_restart(io_threads_, first_return_ms + limiter_->websockets() / closes_per_ms);
  if (!wait_for(started + stop_limit - std::chrono::steady_clock::now(), no_connection))
    spdlog::warn("{} connections did not answer the close and are cut", limiter_->websockets());
  return decided && drained;
}

void gateway::end() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

} // namespace hubbub
