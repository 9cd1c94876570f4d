#include "actors/backlog.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

constexpr backlog::limits all{1000, 1 << 20, 1000};

struct backlog_of_two {
  backlog in;
  ingress_quota_ptr one = std::make_shared<ingress_quota>(),
                    other = std::make_shared<ingress_quota>();

  void push(const ingress_quota_ptr& of, std::initializer_list<const char*> texts) {
    for (const auto* text : texts)
      in.push({draft{nullptr, "lobby", text, "", 0}, {{}, of}});
  }

  void push_unit(const ingress_quota_ptr& of, std::initializer_list<const char*> texts) {
    const auto from = std::make_shared<author>(uuid(), std::uint32_t(texts.size()));
    for (const auto* text : texts)
      in.push({draft{from, "lobby", text, "", 0}, {{}, of}});
  }

  std::string take(const backlog::limits& most = all) {
    taken = in.take(most);
    std::string out;
    for (const auto& next : taken)
      out += next.content.text;
    return out;
  }

  std::vector<pending_draft> taken;
};

} // namespace

TEST_CASE("addresses take turns, and the drafts of each stay in order") {
  backlog_of_two of;
  of.push(of.one, {"a", "b", "c"});
  of.push(of.other, {"1", "2"});
  CHECK(of.in.size() == 5);
  CHECK(of.in.quotas() == 2);
  CHECK(of.take() == "a1b2c");
  CHECK(of.in.empty());
  CHECK(of.in.quotas() == 0);
}

TEST_CASE("a full batch interrupts the turns, and the next batch continues them") {
  backlog_of_two of;
  of.push(of.one, {"a", "b", "c"});
  of.push(of.other, {"1", "2"});
  CHECK(of.take({3, 1 << 20, 1000}) == "a1b");
  CHECK(of.take() == "2c");
}

TEST_CASE("a batch has a bounded number of rows of one address") {
  backlog_of_two of;
  of.push(of.one, {"a", "b", "c"});
  of.push(of.other, {"1"});
  CHECK(of.take({1000, 1 << 20, 2}) == "a1b");
  CHECK(of.take() == "c");
}

TEST_CASE("a batch has at least one draft, and exceeds its bytes by at most one draft") {
  backlog_of_two of;
  of.push(of.one, {"a", "b", "c"});
  CHECK(of.take({1000, 1, 1000}) == "a");
  CHECK(of.take({1000, 514, 1000}) == "bc");
}

TEST_CASE("drafts that are put back come first, in their order, whatever the turn") {
  backlog_of_two of;
  of.push(of.one, {"a", "b"});
  of.push(of.other, {"1", "2"});
  CHECK(of.take({3, 1 << 20, 1000}) == "a1b");
  for (; !of.taken.empty(); of.taken.pop_back())
    of.in.put_back(std::move(of.taken.back()));
  of.push(of.one, {"c"});
  CHECK(of.in.size() == 5);
  CHECK(of.take({2, 1 << 20, 1000}) == "a1");
  CHECK(of.take() == "b2c");
}

TEST_CASE("a unit is one turn, and is passed over for as many turns as it has drafts") {
  backlog_of_two of;
  of.push_unit(of.one, {"a", "b", "c"});
  of.push(of.one, {"d"});
  of.push(of.other, {"1", "2", "3", "4", "5"});
  CHECK(of.take() == "abc123d45");
  CHECK(of.in.empty());
}

TEST_CASE("no batch has a part of a unit, whatever its limits") {
  backlog_of_two of;
  of.push(of.one, {"1"});
  of.push_unit(of.one, {"a", "b", "c"});
  of.push(of.one, {"2"});
  CHECK(of.take({2, 1 << 20, 1000}) == "1");
  CHECK(of.take({2, 1 << 20, 1000}) == "abc");
  for (; !of.taken.empty(); of.taken.pop_back())
    of.in.put_back(std::move(of.taken.back()));
  CHECK(of.take({1, 1, 1}) == "abc");
  CHECK(of.take() == "2");
}
