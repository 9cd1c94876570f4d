#include "tests/conformance/http_case.hpp"

#include "tests/conformance/stage.hpp"

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
  connection line{the_hub().port()};
  for (std::size_t at = 0, step = bytewise ? 1 : bytes.size(); at < bytes.size(); at += step)
    line.send(std::string_view{bytes}.substr(at, step));
  std::string in;
  // A WebSocket that is cut before it is open may not even say 101.
  while (judge(in).answers.empty() &&
         line.readable(bytes.find("pgrade") == bytes.npos ? deadline{0s} : deadline{patience}) &&
         line.read_some(in)) {
  }
  if (const auto all = judge(in); !all.answers.empty() && all.answers.back().status == 101)
    line.send(encode(ws_frame{opcode::close, "\x03\xE8"}));
  else
    line.finish();
  return judge(in + line.read_until_closed(at_once));
}

} // namespace

transcript ask(const std::string& bytes, bool bytewise) {
  return played([&] { return ask_once(bytes, bytewise); });
}

void play(const std::vector<http_case>& cases) {
  for (auto& c : cases)
    for (const bool bytewise : {false, true}) {
      if (bytewise && c.sent.size() > 4096)
        continue; // says nothing new, and takes long
      CAPTURE(std::string{c.section});
      CAPTURE(c.what);
      CAPTURE(bytewise);
      transcript all;
      REQUIRE_NOTHROW(all = ask(c.sent, bytewise));
      CHECK(in_words(statuses(all)) == in_words(c.statuses));
      CHECK(all.unfinished == 0);
    }
  check_peace();
}

std::string get(const std::string& target, const std::string& lines) {
  return "GET " + target + " HTTP/1.1\r\nHost: hub\r\n" + lines + "\r\n";
}

} // namespace test
