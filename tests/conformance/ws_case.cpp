#include "tests/conformance/ws_case.hpp"

#include "tests/conformance/shared_hub.hpp"

#include <doctest/doctest.h>

namespace test {

namespace {

/// Each run of a case has a room of its own, so that cases do not get each other's messages.
std::string handshake() {
  static int plays = 0;
  return encode(request{"GET",
                        "/ws?room=case-" + std::to_string(++plays),
                        {{"Upgrade", "websocket"},
                         {"Connection", "Upgrade"},
                         {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                         {"Sec-WebSocket-Version", "13"}}},
                shared_hub().port());
}

std::vector<std::string> heard_in(const transcript& all) {
  std::vector<std::string> heard;
  for (auto& event : all.events)
    if (event["type"] == "message")
      heard.push_back(event["text"]);
    else if (event["type"] == "error")
      heard.push_back("!" + event["code"].get<std::string>());
  return heard;
}

enum class pace { at_once, in_two, bytewise };

/// As text, because doctest prints no vectors.
std::string in_words(const std::vector<std::string>& texts) {
  return nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

transcript play(const ws_case& c, pace how) {
  connection peer{shared_hub().port()};
  std::string in;
  if (how == pace::at_once)
    peer.send(handshake() + c.sent);
  else {
    peer.send(handshake());
    while (judge(in).events.empty() && peer.read_some(in)) {
    }
    const auto step =
        how == pace::bytewise ? 1 : c.sent.size() - std::min<std::size_t>(4, c.sent.size() / 2);
    for (std::size_t at = 0; at < c.sent.size(); at += step)
      peer.send(std::string_view{c.sent}.substr(at, step));
  }
  const auto complete = [&](const transcript& all) {
    return !all.events.empty() && heard_in(all).size() >= c.heard.size() &&
           all.pongs.size() >= c.pongs.size();
  };
  bool farewell = false;
  for (;;) {
    const auto all = judge(in);
    if (all.close) {
      peer.finish();
      in += peer.read_until_closed(prompt); // a closed connection must end promptly
      return judge(in);
    }
    if (c.close == 1000 && !farewell && complete(all)) {
      peer.send(close_frame(1000));
      farewell = true;
    }
    if (!peer.read_some(in))
      return judge(in);
  }
}

} // namespace

void play(const std::vector<ws_case>& cases) {
  for (auto& c : cases)
    for (const auto how : {pace::at_once, pace::in_two, pace::bytewise}) {
      if (how == pace::bytewise && c.sent.size() > 4096)
        continue; // would find nothing new, and take long
      CAPTURE(std::string{c.section});
      CAPTURE(c.what);
      CAPTURE(static_cast<int>(how));
      transcript all;
      REQUIRE_NOTHROW(all = repeat_if_slow([&] { return play(c, how); }));
      CHECK(in_words(heard_in(all)) == in_words(c.heard));
      CHECK(in_words(all.pongs) == in_words(c.pongs));
      CHECK(all.close.value_or(1006) == c.close);
      CHECK(all.unfinished == 0);
    }
  check_unaffected();
}

std::string message_json(const std::string& text, std::size_t bytes) {
  auto frame = R"({"type":"message","text":")" + text + "\"}";
  return frame + std::string(std::max(bytes, frame.size()) - frame.size(), ' ');
}

std::string text(const std::string& payload, bool final) {
  return encode(ws_frame{opcode::text, payload, final});
}

std::string more(const std::string& payload, bool final) {
  return encode(ws_frame{opcode::continuation, payload, final});
}

std::string ping(const std::string& payload) {
  return encode(ws_frame{opcode::ping, payload});
}

std::string close_frame(std::uint16_t code, const std::string& reason) {
  return encode(ws_frame{
      opcode::close, std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason});
}

std::string repeated(const std::string& part, std::size_t times) {
  std::string all;
  while (times-- > 0)
    all += part;
  return all;
}

std::string raw(int first, int second, const std::string& rest) {
  return std::string{static_cast<char>(first), static_cast<char>(second)} + rest;
}

} // namespace test
