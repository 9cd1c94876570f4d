#include "tests/support/problem.hpp"

#include <stdexcept>

namespace test {

nlohmann::json problem_of(const response& answer) {
  const auto require = [&answer](bool kept, const char* rule) {
    if (!kept)
      throw std::runtime_error{"an error of the hub breaks a rule: " + std::string{rule} + ": " +
                               answer.body.substr(0, 200)};
  };
  require(answer.status >= 400, "its status is that of an error");
  require(answer.field("Content-Type") == "application/problem+json", "its type is of RFC 9457");
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  require(body.is_object() && body.size() == (body.contains("index") ? 6 : 5),
          "it has five members, and perhaps an index");
  for (auto* member : {"type", "title", "code", "detail"})
    require(body.contains(member) && body[member].is_string() && body[member] != "",
            "type, title, code and detail are texts");
  require(body.value("status", 0) == answer.status, "its status is that of the answer");
  require(body["code"].get<std::string>().find_first_not_of("abcdefghijklmnopqrstuvwxyz_") ==
              std::string::npos,
          "its code is a word");
  return body;
}

} // namespace test
