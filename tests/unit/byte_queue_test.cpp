// The bytes that wait for one peer: what is written, what may be withdrawn, what is promised.
#include "net/websocket/byte_queue.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <array>

using namespace hubbub;

namespace {

byte_queue::item plain(std::string bytes) {
  return {.bytes = make_shared_bytes(std::move(bytes))};
}

byte_queue::item of_log(std::string bytes, row_id after, subscription_ref of = 1) {
  return {.bytes = make_shared_bytes(std::move(bytes)),
          .messages = 1,
          .subscription = of,
          .resume_after = after};
}

std::string rest(const byte_queue& queue) {
  std::array<iovec, 64> parts;
  std::string out;
  for (const auto& [data, size] : queue.next(parts))
    out.append(static_cast<const char*>(data), size);
  return out;
}

} // namespace

TEST_CASE("bytes are written in their order, and counted until they are") {
  byte_queue queue;
  queue.push(of_log("abc", 1));
  queue.push(plain("de"));
  queue.push({make_shared_bytes("xxfg"), 2, 1, 1, 2, {}});
  CHECK(rest(queue) == "abcdefg");
  CHECK(queue.bytes() == 7);
  CHECK(queue.messages() == 2);
  queue.wrote(2);
  CHECK(queue.messages() == 2);
  queue.wrote(2);
  CHECK(rest(queue) == "efg");
  CHECK(queue.bytes() == 3);
  CHECK(queue.messages() == 1);
  queue.wrote(3);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
  CHECK(queue.messages() == 0);
}

TEST_CASE("no more buffers are given than there is place for") {
  byte_queue queue;
  for (const char* each : {"a", "b", "c"})
    queue.push(plain(each));
  std::array<iovec, 2> parts;
  CHECK(queue.next(parts).size() == 2);
}

TEST_CASE("bytes of the log that are not begun are withdrawn, with the first cursor of each "
          "subscription") {
  byte_queue queue;
  queue.push(of_log("begun", 10, 1));
  queue.push(of_log("one", 11, 1));
  queue.push(plain("pong"));
  queue.push(of_log("two", 5, 2));
  queue.push(of_log("three", 12, 1));
  queue.wrote(1);
  const auto out = queue.withdraw(0);
  REQUIRE(out.size() == 2);
  CHECK(out[0].subscription == 1);
  CHECK(out[0].resume_after == 11);
  CHECK(out[0].messages == 2);
  CHECK(out[1].subscription == 2);
  CHECK(out[1].resume_after == 5);
  CHECK(out[1].messages == 1);
  CHECK(rest(queue) == "egunpong");
  CHECK(queue.bytes() == 8);
  CHECK(queue.messages() == 1);
}

TEST_CASE("bytes that the next layer has taken are not withdrawn") {
  byte_queue queue;
  queue.push(of_log("abc", 1));
  queue.push(of_log("def", 2));
  queue.push(of_log("ghi", 3));
  const auto out = queue.withdraw(4);
  REQUIRE(out.size() == 1);
  CHECK(out[0].resume_after == 3);
  CHECK(rest(queue) == "abcdef");
}

TEST_CASE("a writer is told when its last byte is written, or that the queue has failed") {
  boost::asio::io_context context;
  byte_queue queue;
  std::vector<boost::system::error_code> told;
  const auto add = [&](const char* bytes) {
    auto item = plain(bytes);
    item.written = {[&told](boost::system::error_code ec, std::size_t) { told.push_back(ec); },
                    context.get_executor()};
    queue.push(std::move(item));
  };
  add("ab");
  add("cd");
  queue.wrote(3);
  context.run();
  CHECK(told.size() == 1);
  CHECK_FALSE(told[0]);
  queue.fail(boost::asio::error::eof);
  context.restart();
  context.run();
  REQUIRE(told.size() == 2);
  CHECK(told[1] == boost::asio::error::eof);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("the order survives a long use") {
  byte_queue queue;
  std::string written, expected;
  for (int i = 0; i < 1000; ++i) {
    const auto text = std::to_string(i) + ",";
    expected += text;
    queue.push(plain(text));
    if (i % 3 == 2) {
      written += rest(queue).substr(0, 5);
      queue.wrote(5);
    }
  }
  while (!queue.empty()) {
    const auto more = rest(queue);
    written += more;
    queue.wrote(more.size());
  }
  CHECK(written == expected);
}
