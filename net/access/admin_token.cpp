#include "net/access/admin_token.hpp"

#include <openssl/crypto.h>

namespace hubbub {

namespace {

namespace http = boost::beast::http;

bool equal_in_constant_time(std::string_view given, std::string_view token) {
  return given.size() == token.size() &&
         CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

} // namespace

bool bears_admin_token(const http_request& request, const std::string& token) {
  if (token.empty())
    return true;
  auto given = bearer_token(request);
  if (!given)
    return false;
  given->remove_prefix(std::min(given->find_first_not_of(' '), given->size()));
  return equal_in_constant_time(*given, token);
}

std::optional<http_response> require_admin(const http_request& request, const std::string& token) {
  if (bears_admin_token(request, token))
    return {};
  auto out = error_response(request,
                            {problem_code::admin_token_required,
                             "This is for operators, who send Authorization: Bearer and the hub's "
                             "ADMIN_TOKEN"});
  out.set(http::field::www_authenticate, "Bearer");
  return out;
}

} // namespace hubbub
