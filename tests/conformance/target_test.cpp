// RFC 9112, section 3.2, and RFC 3986: request targets in every form and encoding.
#include "tests/conformance/http_case.hpp"

#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("target");

namespace {

http_case whole(const char* section, const std::string& target, int status) {
  return {section, target.substr(0, 60), get(target) + probe, {status, 200}};
}

} // namespace

TEST_CASE("of a target in absolute form, the path and the host count") {
  play({
      whole("9112 3.2.2", "http://hub/health", 200),
      whole("9112 3.2.2", "HTTPS://other:99/health?x", 200),
      whole("9112 3.2.2", "http://hub", 200),
      whole("9112 3.2.2", "http://hub/nothing", 404),
      whole("9112 3.2.2", "http://hub/health?[a]={b}|^%", 200),
      whole("9112 3.2.2", "ws://hub/?http://other/#", 400),
      whole("9112 3.2.2", "http://hub?a", 200),
      whole("9110 4.2.4", "http://user@hub/health", 400),
      whole("9110 4.2.1", "http:///health", 400),
      whole("9112 3.2.2", "ftp://hub/health", 400),
      whole("9112 3.2.2", "http:health", 400),
      whole("3986 3", "http:|", 400),
      whole("3986 3.2.3", "http://hub:9health", 400),
      whole("3986 3.2.3", "http://hub:9http://hub/health", 400),
  });
}

TEST_CASE("a target that is no path is refused") {
  // The hub has no request for the whole server (`*`), and is no proxy (CONNECT).
  play({
      whole("9112 3.2.4", "*", 400),
      whole("9112 3.2.1", "health", 400),
      whole("9112 3.2.1", "?health", 400),
      whole("9112 3.2.1", "hub:80", 400),
      {"9112 3.2.4", "OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: hub\r\n\r\n" + probe, {400, 200}},
      {"9112 3.2.3", "CONNECT", "CONNECT hub:80 HTTP/1.1\r\nHost: hub\r\n\r\n" + probe, {400, 200}},
      whole("3986 3.5", "/health#x", 400),
      whole("3986 3.5", "/health?a#x", 400),
      whole("3986 2", "/h\xC3\xA4lth", 400),
      whole("3986 2", "/health?h\xC3\xA4", 400),
      whole("3986 2", "/\"health\"", 400),
      whole("3986 2", "/{health}", 400),
      whole("3986 2", "/\\health", 400),
      {"9112 3.2", "NUL", get("/hea\0lth"s) + probe, {400}},
      {"9112 3.2", "a control character", get("/hea\x7Flth") + probe, {400}},
  });
}

TEST_CASE("no encoding of a path leads out of the folder") {
  std::vector<http_case> cases;
  for (const auto target : {"/static/../README.md",
                            "/static/%2e%2e/README.md",
                            "/static/%2E%2E/README.md",
                            "/static/..%2FREADME.md",
                            "/static/..%2f..%2f..%2f..%2fetc/passwd",
                            "/static/%2e%2e%2fREADME.md",
                            "/static/.%2e/README.md",
                            "/static/....//README.md",
                            "/static//etc/passwd",
                            "/static/%2fetc/passwd",
                            "/static/..;/README.md",
                            "/static/..%5cREADME.md",
                            "/static/%252e%252e/README.md",
                            "/static/%c0%ae%c0%ae/README.md",
                            "/static/..%00/README.md",
                            "/static/%00",
                            "/static/app.js%00",
                            "/static/app.js%00.html",
                            "/static/%0d%0aX:y",
                            "/static/.",
                            "/static/",
                            "/static",
                            "/static/app.js/",
                            "/static/app.js/.",
                            "/static/./app.js",
                            "/static/x/../app.js",
                            "/./health",
                            "/x/../health",
                            "//health",
                            "/health/",
                            "/health%2f",
                            "/health%3f",
                            "/health%00",
                            "/%2fhealth",
                            "/HEALTH",
                            "//hub/health"})
    cases.push_back(whole("3986 5.2.4", target, 404));
  play(cases);
}

TEST_CASE("unnecessary encoding does not change a target") {
  play({
      whole("3986 6.2.2.2", "/%68ealth", 200),
      whole("3986 6.2.2.2", "/static/%61pp.js", 200),
      whole("3986 6.2.2.2", "/static/app%2ejs", 200),
      whole("3986 6.2.2.2", "/%77s", 426),
      whole("3986 3.4", "/health?a=%00&b=%ff&/../", 200),
      whole("3986 3.4", "/?", 200),
  });
}

TEST_CASE("characters that browsers do not encode are accepted") {
  const std::string marks = "[]{}|^\\\"<>`'%~!$()*,;:@/?";
  play({
      whole("WHATWG 4.1", "/?" + marks, 200),
      whole("WHATWG 4.1", "/?a[b]=" + marks + "&" + marks + "=c", 200),
      whole("WHATWG 4.1", "/static/app.js?" + marks, 200),
      whole("WHATWG 4.1", "/health?" + marks, 200),
      whole("WHATWG 4.1", "/ws-info?" + marks, 200),
      whole("WHATWG 4.1", "/metrics?" + marks, 200),
      whole("WHATWG 4.1", "/messages?" + marks, 200),
      whole("WHATWG 4.1", "/ws?" + marks, 426),
      whole("WHATWG 4.1", "/health?%", 200),
      whole("WHATWG 4.1", "/health?%2", 200),
      whole("WHATWG 4.1", "/health?%zz=%%41", 200),
      whole("WHATWG 4.1", "/messages?room=%", 400),
      whole("WHATWG 4.1", "/messages?room=a[b]", 400),
      whole("WHATWG 4.1", "/messages?room=a|b", 400),
      whole("WHATWG 4.1", "/messages?{=|&room=lobby", 200),
      whole("WHATWG 4.1", "/static/[a]|^", 404),
      whole("WHATWG 4.1", "/%", 404),
      whole("WHATWG 4.1", "/%2", 404),
      whole("WHATWG 4.1", "/%zz", 404),
      whole("WHATWG 4.1", "/health%", 404),
  });
}

TEST_CASE("requests in one write are answered in order") {
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += probe;
  play({{"9112 9.3.2", "two hundred", many, std::vector<int>(200, 200)},
        {"9112 9.3.2",
         "until one ends it",
         probe + get("/nothing", "Connection: close\r\n") + probe,
         {200, 404}},
        {"9112 9.3.2", "or cannot be read", probe + "x\r\n\r\n" + probe, {200, 400}}});
}

TEST_SUITE_END();
