#include "actors/event_stream.hpp"
#include "actors/tail.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hubbub;

namespace {

std::vector<message> rows(row_id from, row_id to) {
  std::vector<message> out;
  for (auto id = from; id <= to; ++id) {
    message m;
    m.id = id;
    m.text = "text " + std::to_string(id);
    out.push_back(m);
  }
  return out;
}

encoded batch(row_id from, row_id to, std::size_t limit = 1 << 20) {
  const auto all = rows(from, to);
  std::vector<const message*> pointers;
  for (const auto& m : all)
    pointers.push_back(&m);
  return encode(pointers, limit);
}

std::vector<row_id> ids(const shared_bytes& newest) {
  std::vector<row_id> out;
  for (const auto& m : nlohmann::json::parse('[' + *newest + ']'))
    out.push_back(m["id"]);
  return out;
}

} // namespace

TEST_CASE("rows are encoded up to the limit, and at least one") {
  CHECK(batch(1, 100).marks.size() == 100);
  CHECK(batch(1, 100, 1).marks.size() == 1);
  CHECK(batch(1, 100, 1).frames.last == 1);
}

TEST_CASE("the newest 50 messages are shown, oldest first, across batches") {
  tail t(0, 1 << 20);
  CHECK(ids(t.newest()).empty());
  t.append(batch(1, 30));
  t.append(batch(31, 40));
  CHECK(ids(t.newest()).size() == 40);
  t.append(batch(41, 75));
  const auto shown = ids(t.newest());
  CHECK(shown.size() == 50);
  CHECK(shown.front() == 26);
  CHECK(shown.back() == 75);
}

TEST_CASE("the newest messages for event streams are made once, and only if data has line ends") {
  memory_budget::gauge bytes = 0;
  tail t(0, 1 << 20, &bytes);
  t.append(batch(1, 3));
  CHECK(t.newest_lines() == t.newest());
  const auto before = std::int64_t(bytes);
  message row;
  row.id = 4;
  row.data = "[\n]";
  const std::vector<const message*> rows{&row};
  t.append(encode(rows, 1 << 20));
  const auto plain = t.newest(), lines = t.newest_lines();
  CHECK(*lines == *event_data_lines(plain));
  CHECK(lines != plain);
  CHECK(lines == t.newest_lines());
  CHECK(std::int64_t(bytes) > before + std::int64_t(lines->size()));
}

TEST_CASE("the bytes after a cursor are whole frames, wherever in a batch the cursor is") {
  tail t(0, 1 << 20);
  const auto first = batch(1, 3), second = batch(4, 6);
  const auto from_mark = [](const encoded& e, std::size_t i) {
    return e.frames.bytes->substr(e.marks[i].frame);
  };
  t.append(first);
  t.append(second);
  const auto all = t.after(0, 1 << 20);
  CHECK(all.bytes.size() == 2);
  CHECK(*all.bytes[0] == *first.frames.bytes);
  const auto some = t.after(2, 1 << 20);
  CHECK(*some.bytes[0] == from_mark(first, 2));
  CHECK(*some.bytes[1] == *second.frames.bytes);
  CHECK(some.last == 6);
  CHECK(some.complete);
  const auto edge = t.after(3, 1 << 20);
  CHECK(edge.bytes.size() == 1);
  const auto none = t.after(6, 1 << 20);
  CHECK(none.bytes.empty());
  CHECK(none.last == 6);
}

TEST_CASE("more bytes than the limit come in parts, each after the last one") {
  tail t(0, 1 << 20);
  for (row_id id = 1; id <= 10; ++id)
    t.append(batch(id, id));
  const auto part = t.after(4, batch(5, 5).frames.bytes->size() * 2);
  CHECK(part.last == 6);
  CHECK_FALSE(part.complete);
  CHECK(t.after(part.last, 1 << 20).last == 10);
}

TEST_CASE("over its budget a tail drops its oldest messages, but never the newest 50") {
  tail t(0, 1);
  for (row_id id = 1; id <= 200; ++id)
    t.append(batch(id, id));
  CHECK(t.floor() == 150);
  CHECK(ids(t.newest()).front() == 151);
}

TEST_CASE("the newest messages are those that fit into 512 KiB, and at least one") {
  tail t(0, 1 << 20);
  const auto large = [](row_id id, std::size_t data) {
    message m;
    m.id = id;
    m.data = '"' + std::string(data, 'x') + '"';
    const auto* const row = &m;
    return encode({&row, 1}, 1);
  };
  for (row_id id = 1; id <= 4; ++id)
    t.append(large(id, 200'000));
  CHECK(ids(t.newest()) == std::vector<row_id>{3, 4});
  CHECK(t.newest()->size() <= tail::history_bytes);
  t.append(large(5, 600'000)); // no hub accepts that much
  CHECK(ids(t.newest()) == std::vector<row_id>{5});
  t.append(large(6, 1));
  CHECK(ids(t.newest()) == std::vector<row_id>{6});
}

TEST_CASE("over its budget a tail keeps no more large messages than are shown") {
  tail t(0, 0);
  const auto append = [&t](row_id id) {
    message m;
    m.id = id;
    m.data = '"' + std::string(100'000, 'x') + '"';
    const auto* const row = &m;
    t.append(encode({&row, 1}, 1));
  };
  for (row_id id = 1; id <= 100; ++id)
    append(id);
  CHECK(t.floor() == 94); // six messages have 512 KiB or more, five have less
  CHECK(ids(t.newest()) == std::vector<row_id>{96, 97, 98, 99, 100});
  CHECK(t.after(94, 1).last == 95);
}

TEST_CASE("a message over the limit of a slice is a slice of its own") {
  tail t(0, 1 << 20);
  t.append(batch(1, 2));
  t.append(batch(3, 4));
  const auto one = t.after(0, 1);
  CHECK(one.last == 2);
  CHECK_FALSE(one.complete);
}
