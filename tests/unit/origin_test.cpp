#include "net/origin.hpp"

#include <doctest/doctest.h>

using hubbub::origin_allowed;

TEST_CASE("no origin and the host's own are welcome") {
  CHECK(origin_allowed("", "chat.example", {}));
  CHECK(origin_allowed("http://chat.example", "chat.example", {}));
  CHECK(origin_allowed("http://Chat.Example:80", "chat.example", {}));
  CHECK(origin_allowed("https://chat.example", "chat.example:443", {}));
  CHECK(origin_allowed("http://[::1]:6088", "[::1]:6088", {}));
}

TEST_CASE("foreign ones are not, nor is what only looks alike") {
  for (const auto* origin :
       {"http://evil.example", "http://chat.example.evil.example", "http://chat.example:81", "null",
        "chat.example", "http://chat.example/", "http://user@chat.example", "http://", "http:|",
        "http://chat.example\t"})
    CHECK_FALSE(origin_allowed(origin, "chat.example", {}));
}

TEST_CASE("the list and the star open the door") {
  CHECK(origin_allowed("https://a.example", "h", {"https://a.example"}));
  CHECK_FALSE(origin_allowed("https://b.example", "h", {"https://a.example"}));
  CHECK(origin_allowed("null", "h", {"*"}));
}
