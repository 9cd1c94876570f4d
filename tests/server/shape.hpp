// The shapes that the wire format prescribes: which fields, how an id or a time is written.
// Knows no values.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace test {

/// The names of an object's fields.
std::set<std::string> fields(const nlohmann::json& object);

/// A random UUID in lower case, RFC 4122 version 4.
bool is_uuid4(const std::string& text);

/// Seconds since 1970 of a time written as `2026-01-31T09:30:00.123456+00:00`; throws if it is
/// written otherwise.
double seconds(const std::string& created_at);

inline const std::set<std::string> message_fields{
    "type", "id", "text", "connection_id", "user_message_number", "created_at"};

} // namespace test
