#include "net/api/docs.hpp"

namespace hubbub {

namespace {

constexpr auto inert_policy = "default-src 'none'; frame-ancestors 'none'";

// All pages load from this hub only and connect to this hub only, which also serves "try it out".
// No page has inline scripts or eval.

/// As strict as the policy of the chat page. Swagger UI's icons are data: images in its style
/// sheet.
constexpr auto swagger_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// ReDoc's script adds rules to style elements that it makes empty, and makes one element with the
/// rules of its scroll bars. The two hashes are those of these two texts, and no other style
/// element or attribute has an effect. The second hash depends on the version of ReDoc.
constexpr auto redoc_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' "
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The strictest policy of the three pages, because the admin token is typed into this one.
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
