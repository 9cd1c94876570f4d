// The HTTP endpoints: public files, health, history, and the endpoints for operators.
// Knows: paths, methods, and the permitted readers of each answer. Must not know: sockets, actors'
// state.
#pragma once

#include "actors/hub.hpp"
#include "net/access/origin.hpp"
#include "net/access/token.hpp"
#include "net/api/health.hpp"
#include "net/api/publish.hpp"
#include "net/http/file_answer.hpp"
#include "net/http/request_target.hpp"
#include "net/ops/stats_snapshot.hpp"

#include <boost/beast/http/message_generator.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The settings of the endpoints.
struct http_settings {
  /// Searched for `/static/` in this order. Canonical.
  std::vector<std::filesystem::path> page_dirs;
  bool own_page = false;          ///< page_dirs are the folders that come with hubbub.
  std::filesystem::path docs_dir; ///< Canonical; may not exist.
  hubbub::allowed_origins allowed_origins;
  std::optional<token_key> token;         ///< None: no client needs a token.
  std::string admin_token;                ///< Empty: every client is an operator.
  std::size_t max_publish_body = 1 << 20; ///< Bytes.
  stats_collector::settings stats;
};

/// Answers every request that is not an upgrade. Blocks an I/O thread only to read a small file.
/// Threads: any.
/// Lifetime: the I/O threads outlive it. It outlives the hub, and is called only while the hub
/// lives.
class http_endpoints {
public:
  http_endpoints(http_settings settings, hub& actors, io_threads& threads,
                 std::function<gateway_state()> read_gateway);

  /// The bytes of a body that no endpoint reads.
  static constexpr std::size_t max_unused_body = 16 * 1024;

  /// Judges a request of a client by its head, before its body is read. Returns how many bytes of
  /// body it may have, or the answer to a request that is refused whatever its body is.
  std::variant<std::size_t, http_response> judge_head(const http_request& head,
                                                      const client& from) const;

  /// `request` was judged, and `from` is the client that has sent it. Must be awaited on the thread
  /// of `context`.
  awaitable<boost::beast::http::message_generator> answer(http_request request, client from,
                                                          boost::asio::io_context& context);

private:
  struct route;
  using answering = awaitable<boost::beast::http::message_generator>;
  using io_context = boost::asio::io_context;

  static const route* find_route(const request_target& target);

  answering demand_upgrade(http_request request, request_target target, io_context& context);
  answering events(http_request request, request_target target, io_context& context);
  answering health(http_request request, request_target target, io_context& context);
  answering messages(http_request request, request_target target, io_context& context);
  answering publish(http_request request, request_target target, client from, io_context& context);
  std::variant<identity, refused_request> admit_publisher(const http_request& request,
                                                          const request_target& target) const;
  answering ws_info(http_request request, request_target target, io_context& context);
  answering metrics(http_request request, request_target target, io_context& context);
  answering page(http_request request, request_target target, io_context& context);
  answering document(http_request request, request_target target, io_context& context);

  boost::beast::http::message_generator file(const http_request& request,
                                             std::string_view name) const;
  std::optional<public_file> find_page_file(std::string_view name) const;

  const http_settings settings_;
  hub& hub_;
  std::function<gateway_state()> read_gateway_;
  stats_collector stats_;
  mutable file_answers files_;
};

} // namespace hubbub
