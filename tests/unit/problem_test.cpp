#include "net/http/http_message.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>

using namespace hubbub;

namespace http = boost::beast::http;

namespace {

nlohmann::json body_of(problem_code code, std::string_view detail) {
  return nlohmann::json::parse(problem_body({code, detail}));
}

http_response answer_to(http::verb method, const problem& why) {
  http_request request(method, "/", 11);
  return error_response(request, why, 7);
}

} // namespace

TEST_CASE("each code has a name of its own and the status of an error") {
  std::set<std::string_view> names;
  for (const auto& kind : problem_kinds) {
    const auto name = kind.name;
    const auto status = kind.status;
    CAPTURE(name);
    CHECK(names.insert(name).second);
    CHECK(!name.empty());
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos);
    CHECK(unsigned(status) >= 400);
    CHECK(unsigned(status) < 600);
  }
}

TEST_CASE("the body of each code has the members of RFC 9457 and its code") {
  for (std::size_t i = 0; i < problem_kinds.size(); ++i) {
    const auto code = problem_code(i);
    CHECK(body_of(code, "One sentence") ==
          nlohmann::json{{"type", "about:blank"},
                         {"title", std::string(obsolete_reason(problem_kinds[i].status))},
                         {"status", unsigned(problem_kinds[i].status)},
                         {"code", problem_kinds[i].name},
                         {"detail", "One sentence"}});
  }
}

TEST_CASE("any detail is escaped, so that the body is JSON") {
  std::string all;
  for (int c = 0; c < 128; ++c)
    all += char(c);
  all += "\u2028 \u202E 😀 кухня";
  CHECK(body_of(problem_code::bad_query, all)["detail"] == all);
  const auto body = problem_body({problem_code::bad_query, all});
  for (const char c : body)
    CHECK(static_cast<unsigned char>(c) >= ' ');
}

TEST_CASE("bytes of a detail that are no UTF-8 are replaced") {
  CHECK(body_of(problem_code::bad_query, "a\xFFz\xED\xA0\x80")["detail"]
            .get<std::string>()
            .starts_with("a\uFFFDz\uFFFD"));
}

TEST_CASE("an error has the status of its code, and says when to try again") {
  const auto answer = answer_to(http::verb::get, {problem_code::busy, "Later"});
  CHECK(answer.result() == http::status::service_unavailable);
  CHECK(answer[http::field::content_type] == "application/problem+json");
  CHECK(answer[http::field::retry_after] == "7");
  CHECK(answer[http::field::cache_control] == "no-store");
  CHECK(nlohmann::json::parse(answer.body())["code"] == "busy");
}

TEST_CASE("an error that answers HEAD has the fields alone") {
  const problem why{problem_code::not_found, "Not Found"};
  const auto head = answer_to(http::verb::head, why), get = answer_to(http::verb::get, why);
  CHECK(head.body().empty());
  for (const auto name : {http::field::content_type, http::field::content_length})
    CHECK(head[name] == get[name]);
}
