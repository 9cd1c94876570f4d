#include "net/http/printable.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_CASE("text from outside cannot add lines to the log, and is cut to a length") {
  CHECK(printable("https://a.example") == "\"https://a.example\"");
  CHECK(printable("a\r\nb\x1b[2J\t") == R"("a\x0d\x0ab\x1b[2J\x09")");
  CHECK(printable(R"(a "b" \c)") == R"("a \x22b\x22 \x5cc")");
  CHECK(printable("\xe2\x80\xae") == R"("\xe2\x80\xae")"); // right-to-left override
  CHECK(printable(std::string_view("a\0b", 3)) == R"("a\x00b")");
  CHECK(printable("12345", 4) == R"("1234...")");
  CHECK(printable(std::string(5000, 'x')).size() == 105);
}

TEST_CASE("a path is shown without parts that may be secret") {
  CHECK(printable_path("/chat/ws?access_token=abc") == R"("/chat/ws")");
  CHECK(printable_path("/ws;access_token=abc") == R"("/ws...")");
  CHECK(printable_path("/ws%3Faccess_token=abc") == R"("/ws...")");
  CHECK(printable_path("/ws/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJBZGEifQ.x") ==
        R"("/ws/...")");
  CHECK(printable_path("") == R"("")");
}
