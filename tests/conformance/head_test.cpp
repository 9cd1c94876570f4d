// RFC 9112, sections 2 to 5: request lines and fields. Where a proxy in front of the hub could read
// the same bytes differently, the answer is 400 and the connection ends, so that the probe is not
// answered.
#include "tests/conformance/http_case.hpp"

#include <doctest/doctest.h>

using namespace test;
using namespace std::string_literals;

TEST_SUITE_BEGIN("head");

namespace {

std::string line(const std::string& first, const std::string& rest = "Host: hub\r\n\r\n") {
  return first + "\r\n" + rest;
}

} // namespace

TEST_CASE("a request has one Host, and HTTP/1.0 may have none") {
  play({
      {"9112 3.2", "one", get("/health") + probe, {200, 200}},
      {"9112 3.2", "an empty one", line("GET /health HTTP/1.1", "Host:\r\n\r\n"), {200}},
      {"9112 3.2", "a port", line("GET /health HTTP/1.1", "Host: [::1]:6088\r\n\r\n"), {200}},
      {"9112 3.2", "none", line("GET /health HTTP/1.1", "\r\n") + probe, {400}},
      {"9112 3.2", "two", get("/health", "Host: hub\r\n") + probe, {400}},
      {"9112 3.2", "a list", line("GET /health HTTP/1.1", "Host: a, b\r\n\r\n") + probe, {400}},
      {"9112 3.2", "a path", line("GET /health HTTP/1.1", "Host: a/b\r\n\r\n") + probe, {400}},
      {"9112 3.2", "a user", line("GET /health HTTP/1.1", "Host: a@b\r\n\r\n") + probe, {400}},
      {"9112 3.2", "none in 1.0", line("GET /health HTTP/1.0", "\r\n"), {200}},
      {"9112 3.2", "two in 1.0", line("GET /health HTTP/1.0", "Host: a\r\nHost: b\r\n\r\n"), {400}},
  });
}

TEST_CASE("a version is 1.0 or 1.1") {
  // 505 would be more precise for other versions, but the parser knows only 400.
  play({
      {"9112 2.3", "1.0 ends the connection", line("GET /health HTTP/1.0") + probe, {200}},
      {"9112 9.3",
       "unless asked not to",
       line("GET /health HTTP/1.0", "Connection: keep-alive\r\n\r\n") + probe,
       {200, 200}},
      {"1945 4.1", "0.9", "GET /health\r\n", {400}},
      {"9112 2.3", "1.2", line("GET /health HTTP/1.2") + probe, {400}},
      {"9112 2.3", "0.9 by its name", line("GET /health HTTP/0.9") + probe, {400}},
      {"9112 2.3", "2.0", line("GET /health HTTP/2.0") + probe, {400}},
      {"9113 3.4", "the preface of HTTP/2", line("PRI * HTTP/2.0", "\r\nSM\r\n\r\n"), {400}},
      {"9112 2.3", "http in small letters", line("GET /health http/1.1") + probe, {400}},
      {"9112 2.3", "1.01", line("GET /health HTTP/1.01") + probe, {400}},
  });
}

TEST_CASE("lines end with CRLF, and one space separates words") {
  // RFC 9112 lets a server accept more (sections 2.2 and 3). The hub accepts only one form, so that
  // all read the same.
  play({
      {"9112 2.2", "bare LF", "GET /health HTTP/1.1\nHost: hub\n\n", {400}},
      {"9112 2.2",
       "bare LF once",
       line("GET /health HTTP/1.1", "Host: hub\nX: y\r\n\r\n") + probe,
       {400}},
      {"9112 2.2", "bare CR", get("/health", "X: a\rY: b\r\n") + probe, {400}},
      {"9112 2.2", "an empty line before the request", "\r\n" + probe, {200}},
      {"9112 2.2",
       "and before each of two",
       "\r\n\r\n" + get("/health") + "\r\n\r\n\r\n" + probe,
       {200, 200}},
      {"9112 2.2",
       "behind a body",
       get("/health", "Content-Length: 2\r\n") + "ok\r\n" + probe,
       {200, 200}},
      {"9112 2.2", "empty lines, and no more", "\r\n\r\n", {}},
      {"9112 2.2", "a bare LF before the request", "\n" + probe, {400}},
      {"9112 2.2", "a bare CR before the request", "\r" + probe, {400}},
      {"9112 2.2", "an empty line and a bare CR", "\r\n\r" + probe, {400}},
      {"9112 2.2", "a line with a space in it", " \r\n" + probe, {400}},
      {"9112 2.2",
       "a space before the first field",
       line("GET /health HTTP/1.1", " X: y\r\nHost: hub\r\n\r\n"),
       {400}},
      {"9112 3", "two spaces", line("GET  /health HTTP/1.1") + probe, {400}},
      {"9112 3", "tabs", line("GET\t/health\tHTTP/1.1") + probe, {400}},
      {"9112 3", "a space at the end", line("GET /health HTTP/1.1 ") + probe, {400}},
      {"9112 3", "no target", line("GET HTTP/1.1") + probe, {400}},
      {"9112 3", "no method", line(" /health HTTP/1.1") + probe, {400}},
      {"9110 9.1", "a method in small letters", line("get /health HTTP/1.1") + probe, {405, 200}},
      {"9110 9.1", "a method that is no token", line("G(T /health HTTP/1.1") + probe, {400}},
  });
}

TEST_CASE("a field is a name, a colon and a value") {
  play({
      {"9112 5.1", "space before the colon", get("/health", "X : y\r\n") + probe, {400}},
      {"9112 5.1", "no name", get("/health", ": y\r\n") + probe, {400}},
      {"9112 5.1", "no colon", get("/health", "X\r\n") + probe, {400}},
      {"9112 5.1", "a name that is no token", get("/health", "X(: y\r\n") + probe, {400}},
      {"9112 5.1", "a name in another alphabet", get("/health", "Хост: y\r\n") + probe, {400}},
      {"9110 5.5", "no value", get("/health", "X:\r\n") + probe, {200, 200}},
      {"9110 5.5", "a value in another alphabet", get("/health", "X: да\r\n") + probe, {200, 200}},
      {"9110 5.5", "NUL in a value", get("/health", "X: a\0b\r\n"s) + probe, {400}},
      {"9110 5.5", "NUL in a name", get("/health", "X\0: b\r\n"s) + probe, {400}},
      {"9110 5.5", "a control character", get("/health", "X: a\x01\r\n") + probe, {400}},
      {"9112 5.2",
       "a folded line is one line",
       get("/health", "X: a\r\n b\r\n\tc\r\n") + probe,
       {200, 200}},
      {"9110 5.3",
       "one list in two fields",
       get("/health", "Connection: x\r\nConnection: close\r\n") + probe,
       {200}},
      {"9110 5.6.1",
       "a list with holes",
       get("/health", "Connection: ,,close,\r\n") + probe,
       {200}},
      {"9110 7.6.1",
       "a Connection that is no list",
       get("/health", "Connection: (\r\n") + probe,
       {400}},
  });
}

TEST_CASE("a head has at most 32 KiB and 256 fields") {
  const auto fields = [](int count) { // and one more, which is Host
    std::string lines;
    for (int i = 1; i < count; ++i)
      lines += "X-" + std::to_string(i) + ": y\r\n";
    return lines;
  };
  std::string empty_lines;
  for (int i = 0; i < 17'000; ++i)
    empty_lines += "\r\n";
  const auto head_of = [](std::size_t size) {
    const auto rest = get("/health", "X: \r\n").size();
    return get("/health", "X: " + std::string(size - rest, 'y') + "\r\n");
  };
  play({
      // 414 would be more precise, but the parser counts the head as a whole.
      {"9110 15.5.15", "a long target", get('/' + std::string(33'000, 'a')) + probe, {431}},
      {"6585 5",
       "a long field",
       get("/health", "X: " + std::string(33'000, 'y') + "\r\n") + probe,
       {431}},
      {"6585 5",
       "a long name",
       get("/health", std::string(33'000, 'y') + ": y\r\n") + probe,
       {431}},
      {"6585 5", "257 fields", get("/health", fields(257)) + probe, {431}},
      {"6585 5", "5000 fields", get("/health", fields(5000)) + probe, {431}},
      {"6585 5", "256 fields", get("/health", fields(256)) + probe, {200, 200}},
      {"9112 2.2", "empty lines without end", empty_lines + probe, {431}},
      {"6585 5", "a line without end", "GET /" + std::string(100'000, 'a'), {431}},
      {"9112 3", "31 KiB of target", get('/' + std::string(31'000, 'a')) + probe, {404, 200}},
      {"6585 5", "32 KiB", head_of(32'768) + probe, {200, 200}},
      {"6585 5", "one byte more", head_of(32'769) + probe, {431}},
      {"6585 5", "twice 32 KiB", head_of(32'768) + head_of(32'768) + probe, {200, 200, 200}},
  });
}

TEST_SUITE_END();
