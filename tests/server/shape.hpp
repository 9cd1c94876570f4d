// The forms that the wire format prescribes: the fields of a frame, and how ids and times are
// written. Must not know values.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace test {

/// The names of an object's fields.
std::set<std::string> fields(const nlohmann::json& object);

/// Whether the text is a random UUID in lower case (RFC 4122 version 4).
bool is_uuid4(const std::string& text);

/// The seconds since 1970 of a time of the form `2026-01-31T09:30:00.123456+00:00`. Throws for any
/// other form.
double seconds(const std::string& created_at);

inline const std::set<std::string> message_fields{
    "type", "id", "room", "text", "connection_id", "user_message_number", "created_at"};

} // namespace test
