#include "net/http/request_target.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

/// Returns the first parameter, decoded, as `name=value`.
std::string first(const std::string& query) {
  const auto target = parse_target("/?" + query);
  REQUIRE(target);
  REQUIRE(target->query.size() == 1);
  return target->query[0].name + '=' + target->query[0].value;
}

std::string path(const std::string& target) {
  const auto parts = parse_target(target);
  return parts ? parts->path : "none";
}

} // namespace

TEST_CASE("a target is a path and a query") {
  const auto target = parse_target("/a/b?c=d&e=f&c=g");
  REQUIRE(target);
  CHECK(target->path == "/a/b");
  CHECK(target->query.size() == 3);
  CHECK(*target->find("c") == "d");
  CHECK(*target->find("e") == "f");
  CHECK(target->find("g") == nullptr);
  CHECK(parse_target("/")->query.empty());
  CHECK(parse_target("/?")->query.empty());
  CHECK(parse_target("/?&&")->query.empty());
  CHECK(parse_target("/?a?b")->query[0].name == "a?b");
}

TEST_CASE("a query is decoded as a form") {
  CHECK(first("a+b=c+d") == "a b=c d");
  CHECK(first("a%2Bb=%20%26%3d") == "a+b= &=");
  CHECK(first("a") == "a=");
  CHECK(first("a=b=c") == "a=b=c");
  CHECK(first("=b") == "=b");
  CHECK(first("%00=%ff") == std::string("\0=\xFF", 3));
}

TEST_CASE("a percent sign without two hex digits stands for itself") {
  CHECK(first("%=%2") == "%=%2");
  CHECK(first("%zz=%2g%%41") == "%zz=%2g%A");
  CHECK(path("/%") == "/%");
  CHECK(path("/%4") == "/%4");
  CHECK(path("/%41%4") == "/A%4");
}

TEST_CASE("a query may have any visible ASCII character but a number sign") {
  for (char c = '!'; c < 0x7f; ++c) {
    CAPTURE(c);
    CHECK(parse_target(std::string("/?a=") + c).has_value() == (c != '#'));
  }
  for (const char c : {' ', '\0', '\t', '\r', '\n', '\x7f', '\x80', '\xff'})
    CHECK_FALSE(parse_target(std::string("/?a=") + c));
}

TEST_CASE("a path may have the characters that the URL standard leaves unencoded") {
  const std::string never = "\"#<>\\`{}?";
  for (char c = '!'; c < 0x7f; ++c) {
    CAPTURE(c);
    if (never.find(c) == never.npos)
      CHECK(path(std::string("/a") + c) == std::string("/a") + c);
    else if (c != '?')
      CHECK(path(std::string("/a") + c) == "none");
  }
  for (const char c : {' ', '\0', '\t', '\x7f', '\x80'})
    CHECK(path(std::string("/a") + c) == "none");
  CHECK(path("") == "none");
  CHECK(path("*") == "none");
  CHECK(path("a") == "none");
  CHECK(path("?a") == "none");
  CHECK(path("http://a/") == "none");
}

TEST_CASE("an encoded slash is different from a plain one") {
  CHECK(parse_target("/a/b")->slashes_plain);
  CHECK(parse_target("/a%41/b?c%2Fd")->slashes_plain);
  CHECK_FALSE(parse_target("/a%2Fb")->slashes_plain);
  CHECK_FALSE(parse_target("/a%2fb")->slashes_plain);
}
