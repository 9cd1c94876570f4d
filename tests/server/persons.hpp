// Clients that say who they are.
// Knows: the frame `hello`. Must not know: how the hub compares names.
#pragma once

#include "tests/support/visitor.hpp"

namespace test {

/// The fields of a hello.
inline json introduced(const std::string& name, const std::string& secret = "") {
  json fields{{"name", name}};
  if (!secret.empty())
    fields["secret"] = secret;
  return fields;
}

/// Sends a hello with those fields and returns the answer, the next frame.
inline json say_hello(visitor& who, json fields) {
  fields["type"] = "hello";
  who.send_json(fields);
  return who.hears_any();
}

/// Sends a hello with those fields and returns the code of the error, or an empty text.
inline std::string hello_error(visitor& who, const json& fields) {
  const auto answer = say_hello(who, fields);
  return answer.at("type") == "error" ? answer.at("code").get<std::string>() : std::string();
}

/// The name, the person and `verified` of a message. Null where the message has no such field.
inline json author_of(const json& message) {
  const auto field = [&](const char* name) { return message.value(name, json()); };
  return {field("name"), field("person"), field("verified")};
}

} // namespace test
