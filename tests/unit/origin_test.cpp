#include "net/access/origin.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using hubbub::origin_allowed;

namespace {

hubbub::allowed_origins list(std::initializer_list<const char*> entries) {
  hubbub::allowed_origins out;
  for (const auto* each : entries)
    out.add(each);
  return out;
}

} // namespace

TEST_CASE("a request without an origin, or with the host's own, is allowed") {
  CHECK(origin_allowed("", "chat.example", {}));
  CHECK(origin_allowed("http://chat.example", "chat.example", {}));
  CHECK(origin_allowed("http://Chat.Example:80", "chat.example", {}));
  CHECK(origin_allowed("https://chat.example", "chat.example:443", {}));
  CHECK(origin_allowed("http://[::1]:6088", "[::1]:6088", {}));
}

TEST_CASE("a foreign origin is refused, and so is one that only looks like the host's own") {
  for (const auto* origin :
       {"http://evil.example", "http://chat.example.evil.example", "http://chat.example:81", "null",
        "chat.example", "http://chat.example/", "http://user@chat.example", "http://", "http:|",
        "http://chat.example\t"})
    CHECK_FALSE(origin_allowed(origin, "chat.example", {}));
}

TEST_CASE("origins of the list are allowed, and with a star all are") {
  CHECK(origin_allowed("https://a.example", "h", list({"https://a.example"})));
  CHECK_FALSE(origin_allowed("https://b.example", "h", list({"https://a.example"})));
  CHECK(origin_allowed("null", "h", list({"*"})));
  CHECK(origin_allowed("https://a.example", "h", list({"https://b.example", "*"})));
}

TEST_CASE("scheme, host and port are compared, in any case of letters") {
  const auto all = list({"HTTPS://A.Example", "http://b.example:80", "https://c.example:0443/",
                         "http://d.example:8080", "http://[2001:DB8:0:0:0:0:0:1]",
                         "capacitor://localhost", "chrome-extension://AbC"});
  for (const auto* good :
       {"https://a.example", "https://a.example:443", "HTTPS://A.EXAMPLE", "http://b.example",
        "https://c.example", "http://d.example:8080", "http://[2001:db8::1]",
        "capacitor://localhost", "chrome-extension://abc"}) {
    CAPTURE(good);
    CHECK(origin_allowed(good, "h", all));
  }
  for (const auto* foreign :
       {"http://a.example", "https://a.example:80", "https://a.example:4430", "https://b.example",
        "http://d.example", "http://d.example:80800", "https://x.a.example", "https://a.example.",
        "https://a.example/", "https://a.example:443:443", "https://a.example, https://a.example",
        "null", "file://"}) {
    CAPTURE(foreign);
    CHECK_FALSE(origin_allowed(foreign, "h", all));
  }
}

TEST_CASE("a star in front of a domain stands for one or more labels") {
  const auto all = list({"https://*.Example.com", "http://*.port.example:8080"});
  for (const auto* good : {"https://a.example.com", "https://a.b.c.example.com",
                           "https://A.EXAMPLE.COM:443", "http://a.port.example:8080"}) {
    CAPTURE(good);
    CHECK(origin_allowed(good, "h", all));
  }
  for (const auto* foreign :
       {"https://example.com", "http://a.example.com", "https://aexample.com",
        "https://a.example.com:8443", "https://a.example.com.evil.example", "https://.example.com",
        "https://a..example.com", "https://*.example.com", "http://a.port.example",
        "https://a.example.com@evil.example", "https://evil.example/a.example.com"}) {
    CAPTURE(foreign);
    CHECK_FALSE(origin_allowed(foreign, "h", all));
  }
}

TEST_CASE("files and sandboxed frames are allowed if the list names them") {
  CHECK(origin_allowed("null", "h", list({"null"})));
  CHECK(origin_allowed("file://", "h", list({"file://"})));
  CHECK_FALSE(origin_allowed("null", "h", list({"file://"})));
  CHECK_FALSE(origin_allowed("null", "null", {}));
}

TEST_CASE("an entry that is no possible origin of a page is refused") {
  for (const auto* entry : {"*.example.com",
                            "example.com",
                            "https://a.example/app",
                            "https://a.example https://b.example",
                            "https://a.example;https://b.example",
                            "https://",
                            "https://a.example:port",
                            "https://a.example:99999",
                            "https://a.*.example",
                            "https://*",
                            "https://*a.example",
                            "wss://a.example",
                            "https://user@a.example",
                            "https://a.example?x",
                            "https://caf\xC3\xA9.example",
                            "**",
                            "https://*.",
                            "https://*.[::1]",
                            "https://a.example:*",
                            "https://a.example//",
                            "https://.example",
                            "//a.example",
                            "a.example:443",
                            "https:a.example",
                            ""}) {
    CAPTURE(entry);
    CHECK_THROWS_AS(list({entry}), std::invalid_argument);
  }
}
