// The header fields of a request that publishes.
#include "net/api/publish_fields.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

publish_fields fields_of(const char* name, const char* value) {
  http_request request;
  request.set(name, value);
  return std::get<publish_fields>(read_publish_fields(request));
}

bool is_refused(const char* name, const char* value) {
  http_request request;
  request.set(name, value);
  return std::holds_alternative<problem>(read_publish_fields(request));
}

} // namespace

TEST_CASE("an idempotency key is a quoted string, or its characters") {
  CHECK(fields_of("Idempotency-Key", "bare key").key == "bare key");
  CHECK(fields_of("idempotency-key", R"("a \\ and \" b")").key == R"(a \ and " b)");
  CHECK(fields_of("Idempotency-Key", R"("")").key == "");
  CHECK_FALSE(fields_of("Other", "x").key);
  for (const auto* bad : {R"(")", R"("a)", R"("a"b")", R"("a\b")", R"("a\")"})
    CHECK(is_refused("Idempotency-Key", bad));
}

TEST_CASE("a name and a secret are percent-encoded") {
  CHECK(fields_of("Hubbub-Name", "J%C3%BCrgen%20%25").name == "J\xC3\xBCrgen %");
  CHECK(fields_of("Hubbub-Secret", "plain+text").secret == "plain+text");
  for (const auto* bad : {"%", "%4", "%4g", "x%", "%-1", "%+1"}) {
    CHECK(is_refused("Hubbub-Name", bad));
    CHECK(is_refused("Hubbub-Secret", bad));
  }
}

TEST_CASE("the type of JSON may have parameters") {
  for (const auto* good :
       {"application/json", "APPLICATION/JSON;charset=utf-8", "application/json \t; charset=utf-8"})
    CHECK(is_json_type(good));
  for (const auto* bad : {"", "json", "application/json5", "text/json", " ;application/json"})
    CHECK_FALSE(is_json_type(bad));
}
