// The part of the HTTP session that hands a connection over to a session.
// Knows: what a request must satisfy for that, and the bounds on connections. Must not know: what a
// session does.
#include "net/access/cors.hpp"
#include "net/server/http_connection.hpp"
#include "net/server/http_session.hpp"
#include "net/websocket/event_session.hpp"
#include "net/websocket/session.hpp"
#include "net/websocket/upgrade.hpp"

namespace hubbub {

/// Counts the connection as a session. Returns the refusal where the hub stops or a bound forbids
/// it.
std::optional<refused_request> http_session::take_session_slot(http_connection& conn,
                                                               const http_request& request,
                                                               const client& sender) {
  const auto& shutdown = context_.shutdown;
  if (shutdown.begun || !conn.io)
    return make_refusal(request,
                        shutdown.begun
                            ? problem{problem_code::restarting, "The hub restarts"}
                            : problem{problem_code::stalled, "No thread of the hub can take this"},
                        shutdown.retry_after);
  if (const auto full = conn.slot->admit_websocket(sender.quota)) {
    if (full->code == problem_code::too_many_connections)
      context_.counters.add_over_limit(address_limit::connections);
    return make_refusal(request, *full, 5);
  }
  return {};
}

/// Hands the connection over to a session, or returns the refusal.
std::optional<refused_request>
http_session::upgrade(http_connection& conn, const http_request& request, const client& sender) {
  const auto& settings = context_.settings;
  auto read = read_upgrade(request, {.pages = settings.allowed_origins,
                                     .token = settings.token ? &*settings.token : nullptr});
  if (auto* const refused = std::get_if<refused_request>(&read))
    return std::move(*refused);
  if (auto full = take_session_slot(conn, request, sender))
    return full;
  auto& [query, user] = std::get<admission>(read);
  conn.peer.expires_never();
  write_queue queue(conn.peer, boost::beast::buffers_to_string(conn.buffer.data()));
  session::start(*conn.io, context_.actors, std::move(queue), request, std::move(query),
                 std::move(user), sender, conn.slot);
  return {};
}

/// Makes the connection an event stream, or returns the refusal.
std::optional<refused_request> http_session::open_events(http_connection& conn,
                                                         const http_request& request,
                                                         const client& sender) {
  const auto& settings = context_.settings;
  auto read = read_event_request(request, {.pages = settings.allowed_origins,
                                           .token = settings.token ? &*settings.token : nullptr,
                                           .max_rooms = settings.max_rooms});
  if (auto* const refused = std::get_if<refused_request>(&read))
    return std::move(*refused);
  if (auto full = take_session_slot(conn, request, sender)) {
    cors_headers(request, settings.allowed_origins).add_to(full->answer);
    return full;
  }
  auto& [query, user, head] = std::get<event_admission>(read);
  conn.peer.expires_never();
  conn.peer.set_acknowledge_timeout(
      std::chrono::duration_cast<std::chrono::milliseconds>(conn.io->limit().drop_after));
  event_session::start(*conn.io, context_.actors, write_queue(conn.peer, {}), std::move(head),
                       std::move(query), std::move(user), sender, conn.slot);
  return {};
}

} // namespace hubbub
