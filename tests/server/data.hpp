// Messages with data, as their bytes: no library would keep them.
// Knows: the frames of the hub. Must not know: how data comes to a reader.
#pragma once

#include "tests/support/visitor.hpp"

namespace test {

inline constexpr std::size_t kibibyte = 1024;

inline std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  while (times-- > 0)
    out += what;
  return out;
}

/// JSON that a library would change, or could not read.
inline const std::vector<std::string> values{
    "null",
    "-0",
    "1e999",
    "12345678901234567890.123456789",
    R"("\u0000 \ud800 \udc00\uDBFF \ud83d\ude00 \\ \" \/")",
    "\"\xF0\x9F\x98\x80\"",
    R"({"a":1,"a":2,"data":{"data":[]},"":""})",
    "[ 1 ,\t2\r\n, {\"a\" : [ ] } ]",
    repeated("[", 4000) + repeated("]", 4000),
};

inline std::string frame_with(const std::string& data, const std::string& more = R"(,"text":"x")") {
  return R"({"type":"message","data":)" + data + more + "}";
}

/// Returns a JSON string of `bytes` bytes that begins with a number.
inline std::string large(std::size_t bytes, int number) {
  auto out = '"' + std::to_string(number) + ' ';
  out.resize(bytes - 1, 'x');
  return out + '"';
}

inline bool is_of_type(std::string_view frame, const std::string& type) {
  return frame.starts_with(R"({"type":")" + type + '"');
}

/// The next frame of that type, as it came. The JSON need not be such that a library reads it.
inline std::string next_of_type(ws_client& client, const std::string& type) {
  for (;;)
    if (auto frame = client.next_text(); is_of_type(frame, type))
      return frame;
}

/// The data of a message frame.
inline std::string data_of(std::string_view event) {
  const auto begin = event.find(R"(,"data":)"), end = event.rfind(R"(,"connection_id":)");
  if (begin == event.npos)
    return "";
  return std::string{event.substr(begin + 8, end - begin - 8)};
}

inline std::string target(const std::string& query = "") {
  return "/ws" + query;
}

} // namespace test
