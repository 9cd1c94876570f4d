// The HTTP endpoints: public files, health, what operators ask.
// Knows: paths, methods, headers, JSON of its own answers. Must not know: sockets, actors' state.
#pragma once

#include "actors/hub.hpp"
#include "net/access/origin.hpp"
#include "net/access/token.hpp"
#include "net/api/health.hpp"
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

/// What the endpoints take of the settings.
struct http_settings {
  std::vector<std::filesystem::path>
      page_dirs;                  ///< Searched for `/static/`, in this order. Canonical.
  bool own_page = false;          ///< page_dirs are the folders that come with hubbub.
  std::filesystem::path docs_dir; ///< Canonical; may not exist.
  hubbub::allowed_origins allowed_origins;
  std::optional<token_key> token; ///< None: nobody needs one.
  std::string admin_token;        ///< Empty: everybody is an operator.
  stats_collector::setting stats;
};

/// Answers anything but an upgrade. Never blocks an io thread, but for reading a small file.
class http_endpoints {
public:
  http_endpoints(http_settings settings, hub& actors, lanes& threads,
                 std::function<gateway_state()> read_gateway);

  /// The answer is resumed on the thread of `context`.
  awaitable<boost::beast::http::message_generator> answer(http_request request,
                                                          boost::asio::io_context& context);

private:
  struct route;
  using answering = awaitable<boost::beast::http::message_generator>;
  using io_context = boost::asio::io_context;

  static const route* find_route(const request_target& target);

  answering demand_upgrade(http_request request, request_target target, io_context& context);
  answering health(http_request request, request_target target, io_context& context);
  answering messages(http_request request, request_target target, io_context& context);
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
