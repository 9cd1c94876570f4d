#include "tests/conformance/http_case.hpp"

#include "tests/conformance/shared_hub.hpp"

#include <doctest/doctest.h>

namespace test {

namespace {

/// As text, because doctest prints no vectors.
std::string in_words(const std::vector<int>& statuses) {
  std::string words;
  for (const auto each : statuses)
    words += ' ' + std::to_string(each);
  return words;
}

} // namespace

std::vector<int> statuses(const transcript& all) {
  std::vector<int> found;
  for (auto& answer : all.answers)
    found.push_back(answer.status);
  return found;
}

namespace {

transcript ask_once(const std::string& bytes, bool bytewise) {
  connection peer{shared_hub().port()};
  for (std::size_t at = 0, step = bytewise ? 1 : bytes.size(); at < bytes.size(); at += step)
    peer.send(std::string_view{bytes}.substr(at, step));
  std::string in;
  // A WebSocket must be open before the stream ends, or the answer 101 may not come.
  while (judge(in).answers.empty() &&
         peer.readable(bytes.find("pgrade") == bytes.npos ? deadline{0s} : deadline{patience}) &&
         peer.read_some(in)) {
  }
  if (const auto all = judge(in); !all.answers.empty() && all.answers.back().status == 101)
    peer.send(encode(ws_frame{opcode::close, "\x03\xE8"}));
  else
    peer.finish();
  return judge(in + peer.read_until_closed(prompt));
}

} // namespace

transcript ask(const std::string& bytes, bool bytewise) {
  return repeat_if_slow([&] { return ask_once(bytes, bytewise); });
}

void play(const std::vector<http_case>& cases) {
  for (auto& c : cases)
    for (const bool bytewise : {false, true}) {
      if (bytewise && c.sent.size() > 4096)
        continue; // would find nothing new, and take long
      CAPTURE(std::string{c.section});
      CAPTURE(c.what);
      CAPTURE(bytewise);
      transcript all;
      REQUIRE_NOTHROW(all = ask(c.sent, bytewise));
      CHECK(in_words(statuses(all)) == in_words(c.statuses));
      CHECK(all.unfinished == 0);
    }
  check_unaffected();
}

std::string get(const std::string& target, const std::string& lines) {
  return "GET " + target + " HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n";
}

} // namespace test
