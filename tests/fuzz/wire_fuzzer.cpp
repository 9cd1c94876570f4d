// Any bytes as a frame, and as a text that a log holds: what is taken is within the limits, and
// every event is JSON that says the same.
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

#include "tests/fuzz/property.hpp"
#include "tests/support/ws_frame.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace hubbub;
using nlohmann::json;

namespace {

const std::set<std::string> codes{"bad_json", "not_object", "no_type", "unknown_type", "no_text",
                                  "empty",    "too_long",   "nul",     "surrogate",    "bad_key"};

json event(const std::string& text) {
  auto parsed = json::parse(text, nullptr, false);
  claim(parsed.is_object(), "an event is a JSON object in UTF-8");
  std::string framed;
  append_frame(framed, text);
  std::size_t size = 0;
  const auto frame = test::decode(framed, size);
  claim(frame && size == framed.size() && frame->payload == text, "a frame holds what it framed");
  return parsed;
}

std::ptrdiff_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

void check(const wire::message_command& post) {
  claim(characters(post.text) >= 1 && characters(post.text) <= 1000,
        "a text has 1 to 1000 characters");
  claim(characters(post.key) <= 64, "a key has at most 64 characters");
  claim((post.text + post.key).find('\0') == std::string::npos, "no NUL gets to the log");
  message row;
  row.id = 7;
  row.text = post.text;
  claim(event(wire::message_event(row))["text"] == post.text, "a message comes back as it was");
  claim(event(wire::ack_event(post.key, 7, 3))["key"] == post.key, "and so does its key");
  const auto again = wire::parse(json{{"type", "message"}, {"text", post.text}}.dump());
  claim(std::get<wire::message_command>(again).text == post.text, "what was taken is taken again");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto said = wire::parse(bytes);
  if (const auto* said_message = std::get_if<wire::message_command>(&said))
    check(*said_message);
  else if (!std::holds_alternative<wire::ping>(said)) {
    const auto& why = std::get<wire::refusal>(said);
    const auto error = event(wire::error_event(why));
    claim(codes.contains(std::string(name_of(why.code))) && error["code"] == name_of(why.code),
          "a refusal's code is on the list");
    claim(error.contains("key") ? error["key"] == why.key : why.key.empty(), "it names the key");
  }
  message stored; // by another program, perhaps: any bytes
  stored.text = bytes;
  event(wire::message_event(stored));
  event(wire::ack_event(bytes, 1, 1));
  event(wire::init_head({}) + wire::message_event(stored) + wire::init_tail(bytes, bytes, true));
  return 0;
}
