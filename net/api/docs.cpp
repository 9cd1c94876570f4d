#include "net/api/docs.hpp"

namespace hubbub {

namespace {

constexpr auto inert_policy = "default-src 'none'; frame-ancestors 'none'";

// No inline script and no eval in any page. They run what comes from here alone and connect to
// nowhere else, which for "try it out" is the hub itself.

/// Looser than our own page in nothing: Swagger UI's icons are data: images in its style sheet.
constexpr auto swagger_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// ReDoc's styles are rules that its script puts into style elements made empty, and one element
/// with the rules of its scroll bars. The hashes are those of these two texts: no other style in
/// HTML counts, neither an element nor an attribute. The second changes with ReDoc's version.
constexpr auto redoc_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' "
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whoever sees this page has seen the token typed in.
constexpr auto ops_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

} // namespace

std::optional<document> find_document(std::string_view path) {
  if (path == "/docs")
    return document{"docs.html", swagger_policy, "packages/swagger-ui-dist/swagger-ui-bundle.js",
                    "Swagger UI is not in place here (deploy/run puts it there); /openapi.json and "
                    "/asyncapi.json are what it would show"};
  if (path == "/redoc")
    return document{"redoc.html", redoc_policy, "packages/redoc/redoc.standalone.js",
                    "ReDoc is not in place here (deploy/run puts it there); /openapi.json and "
                    "/asyncapi.json are what it would show"};
  if (path == "/ops")
    return document{
        "ops.html", ops_policy, "packages/uplot/uPlot.esm.js",
        "The charts are not in place here (deploy/run puts them there); /ws-info is what "
        "they would show"};
  if (path == "/openapi.json" || path == "/asyncapi.json")
    return document{std::string(path.substr(1)), inert_policy, {}, {}};
  if (constexpr std::string_view files = "/docs/"; path.starts_with(files))
    return document{std::string(path.substr(files.size())), inert_policy, {}, {}};
  return {};
}

} // namespace hubbub
