// Publishes messages over HTTP.
// Knows: POST /messages and its answers. Must not know: how the hub stores messages.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/problem.hpp"

#include <nlohmann/json.hpp>

namespace test {

/// A request that publishes this body.
inline request publication(const std::string& body, const headers& fields = {},
                           const std::string& target = "/messages") {
  headers all{{"Content-Type", "application/json"}};
  all.insert(all.end(), fields.begin(), fields.end());
  return {"POST", target, all, body};
}

inline response publish(const hub& where, const nlohmann::json& messages,
                        const headers& fields = {}, const std::string& target = "/messages") {
  return fetch(where.port(), publication(messages.dump(), fields, target));
}

/// The status, the code and the index of an error, as in `400 bad_json 0`.
inline std::string error_of(const response& answer) {
  const auto why = problem_of(answer);
  return std::to_string(answer.status) + ' ' + why.at("code").get<std::string>() +
         (why.contains("index") ? ' ' + why["index"].dump() : "");
}

/// The field of each message of an answer.
template<class Value>
std::vector<Value> published(const response& answer, const char* field) {
  const auto body = answer.json();
  std::vector<Value> out;
  for (const auto& message : body.at("messages"))
    out.push_back(message.at(field).get<Value>());
  return out;
}

} // namespace test
