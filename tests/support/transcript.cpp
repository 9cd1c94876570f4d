#include "tests/support/transcript.hpp"

#include "tests/support/problem.hpp"

#include <set>
#include <stdexcept>

namespace test {

namespace {

[[noreturn]] void broken(const std::string& rule) {
  throw std::runtime_error{"the server broke a rule: " + rule};
}

void require(bool kept, const char* rule) {
  if (!kept)
    broken(rule);
}

bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// Whether a close frame may carry that code (RFC 6455 section 7.4 and IANA's registry). The RFC
/// says nothing about codes from 5000 on.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || code >= 3000;
}

std::size_t header_size(std::string_view frame) {
  const auto length = static_cast<std::uint8_t>(frame[1]) & 0x7F;
  return length == 126 ? 4 : length == 127 ? 10 : 2;
}

void take_close(transcript& all, const std::string& payload) {
  require(payload.size() != 1, "a close has no code or one of two bytes (RFC 6455 section 5.5.1)");
  all.close = 1005;
  if (payload.empty())
    return;
  all.close = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                         static_cast<std::uint8_t>(payload[1]));
  require(may_be_sent(*all.close), "a close's code may be sent (RFC 6455 section 7.4)");
  all.reason = payload.substr(2);
  require(is_utf8(all.reason), "a close's reason is UTF-8 (RFC 6455 section 5.5.1)");
}

void take_text(transcript& all, const std::string& payload) {
  static const std::set<std::string> types{"init",  "subscribed", "unsubscribed", "message", "ack",
                                           "error", "presence",   "fork",         "pong"};
  const auto event = nlohmann::json::parse(payload, nullptr, false);
  require(event.is_object(), "an event is a JSON object in UTF-8");
  require(types.contains(event.value("type", "")), "an event is of a known type");
  require((event["type"] == "init") == all.events.empty(), "init comes first and once");
  all.events.push_back(event);
}

void take_frames(transcript& all, std::string_view bytes) {
  for (std::size_t size = 0; !bytes.empty(); bytes.remove_prefix(size)) {
    const auto frame = decode(bytes, size);
    if (!frame) {
      all.unfinished = bytes.size();
      return;
    }
    const auto length = frame->payload.size();
    require(!all.close, "nothing follows a close (RFC 6455 section 5.5.1)");
    require(!frame->masked, "a server does not mask (RFC 6455 section 5.1)");
    require(frame->reserved == 0, "reserved bits are 0 (RFC 6455 section 5.2)");
    require(frame->final, "the hub sends no message in parts");
    require(header_size(bytes) == (length < 126     ? 2u
                                   : length < 65536 ? 4u
                                                    : 10u),
            "lengths are written as short as can be (RFC 6455 section 5.2)");
    if (frame->code == opcode::text) {
      take_text(all, frame->payload);
      continue;
    }
    require(length <= 125, "a control frame has at most 125 bytes (RFC 6455 section 5.5)");
    if (frame->code == opcode::pong)
      all.pongs.push_back(frame->payload);
    else if (frame->code == opcode::close)
      take_close(all, frame->payload);
    else
      require(frame->code == opcode::ping, "the hub sends text, pings, pongs and closes alone");
  }
}

/// The size of the body that follows a head (RFC 9112 section 6.3).
std::size_t body_size(const response& answer) {
  if (answer.status < 200 || answer.status == 204 || answer.status == 304)
    return 0;
  require(answer.has("Content-Length"), "every answer of the hub says how long it is");
  return std::stoul(answer.field("Content-Length"));
}

/// An error is a problem (RFC 9457). The report of /health is none, even with 503.
void check_problem(const response& answer) {
  if (answer.status != 503 || answer.field("Content-Type") != "application/json")
    problem_of(answer);
  else
    require(answer.json().contains("service"), "an answer 503 is a problem or a report of /health");
}

} // namespace

transcript judge(std::string_view bytes, bool heads) {
  transcript all;
  std::string rest{bytes};
  while (rest.find("\r\n\r\n") != rest.npos) {
    if (rest.starts_with("HTTP/1.0 "))
      rest[7] = '1';
    auto whole = rest;
    auto answer = take_head(rest);
    require(answer.status >= 100 && answer.status < 600, "a status has three digits");
    if (answer.status == 101) {
      all.answers.push_back(answer);
      take_frames(all, rest);
      return all;
    }
    const bool bodiless = heads && (rest.empty() || rest.starts_with("HTTP/1."));
    const auto size = bodiless ? 0 : body_size(answer);
    if (rest.size() < size) {
      all.unfinished = whole.size();
      return all;
    }
    answer.body = rest.substr(0, size);
    rest.erase(0, size);
    if (answer.status >= 400 && !bodiless)
      check_problem(answer);
    all.answers.push_back(std::move(answer));
  }
  require(rest.empty() || rest.starts_with("HTTP/1.") || std::string{"HTTP/1."}.starts_with(rest),
          "what follows an answer is an answer (RFC 9112 section 2.1)");
  all.unfinished = rest.size();
  return all;
}

} // namespace test
