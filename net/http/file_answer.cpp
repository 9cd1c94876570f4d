#include "net/http/file_answer.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

/// If-None-Match (RFC 9110, section 13.1.2): weak comparison, a list, or `*`.
bool matches(std::string_view wanted, std::string_view tag) {
  return wanted == "*" || wanted.find(tag) != wanted.npos;
}

} // namespace

http::message_generator file_answers::answer(const http_request& request,
                                             std::optional<public_file> found,
                                             std::string_view policy, const marking& mark) {
  http::file_body::value_type body;
  boost::system::error_code ec;
  if (found)
    body.open(found->path.c_str(), boost::beast::file_mode::scan, ec);
  if (!found || ec) {
    auto out = error_response(request, http::status::not_found, "Not Found");
    if (mark)
      mark(out);
    return out;
  }

  const auto accepted = request[http::field::accept_encoding];
  const auto zipped = takes_gzip({accepted.data(), accepted.size()}) ? gzip_.of(*found) : nullptr;
  if (zipped) // another representation, so another tag (RFC 9110, section 8.8.3.3)
    found->tag.insert(found->tag.size() - 1, "-gzip");

  const auto head = [&](auto& out) {
    set_common_headers(out, policy);
    out.keep_alive(request.keep_alive());
    out.set(http::field::etag, found->tag);
    out.set(http::field::cache_control, "no-cache");
    out.set(http::field::vary, "Accept-Encoding");
    if (mark)
      mark(out);
    if (found->path.filename() == "sw.js") // relative: the hub may be below a path of a site
      out.set("Service-Worker-Allowed", "../");
  };
  if (const auto wanted = request[http::field::if_none_match];
      !wanted.empty() && matches({wanted.data(), wanted.size()}, found->tag)) {
    http::response<http::empty_body> out(http::status::not_modified, request.version());
    head(out);
    return out;
  }
  const auto finish = [&](auto& out) {
    head(out);
    out.set(http::field::content_type,
            boost::beast::string_view(found->type.data(), found->type.size()));
    if (zipped)
      out.set(http::field::content_encoding, "gzip");
  };
  if (request.method() == http::verb::head) {
    http::response<http::empty_body> out(http::status::ok, request.version());
    finish(out);
    out.content_length(zipped ? zipped->size() : body.size());
    return out;
  }
  if (zipped) {
    http_response out(http::status::ok, request.version());
    finish(out);
    out.body() = *zipped;
    out.prepare_payload();
    return out;
  }
  http::response<http::file_body> out(std::piecewise_construct, std::make_tuple(std::move(body)),
                                      std::make_tuple(http::status::ok, request.version()));
  finish(out);
  out.prepare_payload();
  return out;
}

} // namespace hubbub
