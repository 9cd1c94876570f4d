#include "net/http/file_answer.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// Returns whether If-None-Match has this tag: weak comparison of a list, or `*` (RFC 9110,
/// section 13.1.2).
bool matches(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != if_none_match.npos;
}

} // namespace

http::message_generator file_answers::answer(const http_request& request,
                                             std::optional<public_file> found,
                                             std::string_view policy,
                                             const header_hook& add_headers) {
  http::file_body::value_type body;
  boost::system::error_code ec;
  if (found)
    body.open(found->path.c_str(), boost::beast::file_mode::scan, ec);
  if (!found || ec) {
    auto out = error_response(request, {problem_code::not_found, "Not Found"});
    if (add_headers)
      add_headers(out);
    return out;
  }

  const auto accepted = request[http::field::accept_encoding];
  const auto coding = choose_coding({accepted.data(), accepted.size()});
  const auto compressed =
      coding == content_coding::identity ? nullptr : compressed_.find(*found, coding);
  if (compressed) // each representation has its own tag (RFC 9110, section 8.8.3.3)
    found->tag.insert(found->tag.size() - 1, "-" + std::string(name_of(coding)));

  const auto set_headers = [&](auto& out) {
    set_common_headers(out, policy);
    out.keep_alive(request.keep_alive());
    out.set(http::field::etag, found->tag);
    out.set(http::field::cache_control, "no-cache");
    out.set(http::field::vary, "Accept-Encoding");
    if (add_headers)
      add_headers(out);
    if (found->path.filename() == "sw.js") // relative, for a hub below a path of a site
      out.set("Service-Worker-Allowed", "../");
  };
  if (const auto if_none_match = request[http::field::if_none_match];
      !if_none_match.empty() && matches({if_none_match.data(), if_none_match.size()}, found->tag)) {
    http::response<http::empty_body> out(http::status::not_modified, request.version());
    set_headers(out);
    return out;
  }
  const auto set_body_headers = [&](auto& out) {
    set_headers(out);
    out.set(http::field::content_type,
            boost::beast::string_view(found->type.data(), found->type.size()));
    if (compressed)
      out.set(http::field::content_encoding, name_of(coding));
  };
  if (request.method() == http::verb::head) {
    http::response<http::empty_body> out(http::status::ok, request.version());
    set_body_headers(out);
    out.content_length(compressed ? compressed->size() : body.size());
    return out;
  }
  if (compressed) {
    http_response out(http::status::ok, request.version());
    set_body_headers(out);
    out.body() = *compressed;
    out.prepare_payload();
    return out;
  }
  http::response<http::file_body> out(std::piecewise_construct, std::make_tuple(std::move(body)),
                                      std::make_tuple(http::status::ok, request.version()));
  set_body_headers(out);
  out.prepare_payload();
  return out;
}

} // namespace hubbub
