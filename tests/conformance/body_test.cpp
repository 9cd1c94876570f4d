// RFC 9112, sections 6 and 7: where a body ends. If a proxy and the hub disagreed about that, they
// could be made to see different requests (request smuggling). So a doubtful length is answered
// with 400 and the end of the connection.
#include "tests/conformance/http_case.hpp"
#include "tests/conformance/shared_hub.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("body");

namespace {

const std::string nothing_in_chunks = "0\r\n\r\n";

std::string coded(const std::string& fields) {
  return get("/health", fields) + nothing_in_chunks + probe;
}

} // namespace

TEST_CASE("a body of a known length is skipped") {
  play({
      {"9112 6.2", "none", get("/health", "Content-Length: 0\r\n") + probe, {200, 200}},
      {"9112 6.2",
       "five bytes",
       get("/health", "Content-Length: 5\r\n") + "GET /" + probe,
       {200, 200}},
      {"9112 6.3",
       "the same length twice",
       get("/health", "Content-Length: 1\r\nContent-Length: 1\r\n") + "x" + probe,
       {200, 200}},
      {"9112 6.3",
       "the same length in a list",
       get("/health", "Content-Length: 1, 1\r\n") + "x" + probe,
       {200, 200}},
      {"9112 6.3",
       "two lengths",
       get("/health", "Content-Length: 0\r\nContent-Length: 1\r\n") + probe,
       {400}},
      {"9112 6.3",
       "two lengths in a list",
       get("/health", "Content-Length: 0, 1\r\n") + probe,
       {400}},
      {"9110 8.6", "a sign", get("/health", "Content-Length: +0\r\n") + probe, {400}},
      {"9110 8.6", "less than nothing", get("/health", "Content-Length: -1\r\n") + probe, {400}},
      {"9110 8.6", "hexadecimal", get("/health", "Content-Length: 0x0\r\n") + probe, {400}},
      {"9110 8.6", "a word after it", get("/health", "Content-Length: 0 x\r\n") + probe, {400}},
      {"9110 8.6", "no number", get("/health", "Content-Length:\r\n") + probe, {400}},
      {"9110 8.6",
       "more than 64 bits",
       get("/health", "Content-Length: 18446744073709551616\r\n") + probe,
       {400}},
      {"9110 15.5.14",
       "more than 16 KiB",
       get("/health", "Content-Length: 16385\r\n") + std::string(16385, 'x') + probe,
       {413}},
      {"9112 6.3", "less than was said", get("/health", "Content-Length: 10\r\n") + "x", {400}},
  });
}

TEST_CASE("a body in chunks is refused with 411, whatever its coding is called") {
  // Section 6.3 leaves this to the server. No endpoint takes a body in chunks, and most
  // disagreements about the end of a body come from chunks.
  play({
      {"9112 6.3", "chunked", coded("Transfer-Encoding: chunked\r\n"), {411}},
      {"9112 7", "in any letters", coded("transfer-encoding: ChUnKeD\r\n"), {411}},
      {"9112 5.2", "folded", coded("Transfer-Encoding:\r\n chunked\r\n"), {411}},
      {"9112 6.3",
       "with a length",
       coded("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
       {400}},
      {"9112 6.3",
       "with a length behind it",
       coded("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       {400}},
      {"9112 6.3", "not the last", coded("Transfer-Encoding: chunked, identity\r\n"), {411}},
      {"9112 7.1", "twice", coded("Transfer-Encoding: chunked, chunked\r\n"), {411}},
      {"9112 7.1",
       "in two fields",
       coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       {400}},
      {"9112 6.1",
       "behind identity",
       coded("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"),
       {411}},
      {"9112 6.1", "behind gzip", coded("Transfer-Encoding: gzip, chunked\r\n"), {411}},
      {"9112 6.1", "gzip alone", coded("Transfer-Encoding: gzip\r\n"), {411}},
      {"9112 6.3",
       "gzip and a length",
       coded("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
       {411}},
      {"9112 6.1", "xchunked", coded("Transfer-Encoding: xchunked\r\n"), {411}},
      {"9112 6.1", "a quoted chunked", coded("Transfer-Encoding: \"chunked\"\r\n"), {411}},
      {"9112 6.1", "a vertical tab before it", coded("Transfer-Encoding: \vchunked\r\n"), {400}},
      {"9112 6.1", "none", coded("Transfer-Encoding:\r\n"), {411}},
      {"9112 5.1", "a space before the colon", coded("Transfer-Encoding : chunked\r\n"), {400}},
      {"9112 6.1",
       "in HTTP/1.0",
       "GET /health HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" +
           nothing_in_chunks + probe,
       {411}},
      {"9110 6.5.1",
       "an upgrade in its trailers",
       get("/ws", "Transfer-Encoding: chunked\r\n") +
           "0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + probe,
       {411}},
  });
}

TEST_CASE("chunks without end take no memory") {
  const auto begins = get("/health", "Transfer-Encoding: chunked\r\n");
  const auto before = shared_hub().resident();
  for (const auto start : {"3;", "0\r\nX: "}) {
    connection peer{shared_hub().port()};
    peer.send(begins + start + std::string(64 << 20, 'a'));
    peer.finish();
    CHECK(judge(peer.read_until_closed()).answers.at(0).status == 411);
  }
  CHECK(shared_hub().resident() < before + (16 << 20));
}

TEST_CASE("a client that expects 100-continue gets it") {
  // RFC 9110, section 10.1.1.
  connection peer{shared_hub().port()};
  peer.send(get("/health", "Expect: 100-Continue\r\nContent-Length: 5\r\nConnection: close\r\n"));
  std::string in;
  while (judge(in).answers.empty() && peer.read_some(in)) {
  }
  CHECK(judge(in).answers.at(0).status == 100);
  peer.send("hello");
  in += peer.read_until_closed();
  CHECK(judge(in).answers.size() == 2);
  CHECK(judge(in).answers.at(1).status == 200);
  play({{"9110 10.1.1", "without a body", get("/health", "Expect: 100-continue\r\n"), {200}},
        {"9110 10.1.1",
         "another expectation is ignored",
         get("/health", "Expect: tea\r\n"),
         {200}}});
}

TEST_CASE("a client that sends too much gets the reason, although it goes on sending") {
  connection peer{shared_hub().port()};
  peer.send(get("/health", "Content-Length: 100000000\r\n"));
  for (int i = 0; i < 100; ++i)
    peer.send(std::string(10'000, 'x'));
  peer.finish();
  CHECK(judge(peer.read_until_closed()).answers.at(0).status == 413);
}

TEST_SUITE_END();
