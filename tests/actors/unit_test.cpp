// Units of drafts on their way through the persistence actor.
#include "actors/publisher.hpp"
#include "tests/actors/stage.hpp"

#include <numeric>

using namespace test;

namespace {

/// A rate that allows what `left` has, and records what was taken.
struct counted_rate : message_rate {
  std::chrono::seconds wait() override { return 1s * (left < 1); }
  std::chrono::seconds take(std::size_t messages, std::size_t if_refused) override {
    const bool allowed = left >= long(messages);
    charge(allowed ? messages : if_refused);
    return 1s * !allowed;
  }
  void charge(std::size_t tokens) override { left -= long(tokens); }

  long left = 1'000'000;
};

struct publishing_hub : hub_with_client {
  /// Publishes a body, and keeps the answer under its number.
  std::size_t publish(std::string body, std::string room = "lobby") {
    const auto number = answers.size();
    answers.emplace_back();
    publish_request what{.body = std::move(body),
                         .room = std::move(room),
                         .key = {},
                         .name = {},
                         .secret = {},
                         .by = {},
                         .rooms = {},
                         .quota = quota,
                         .rate = rate,
                         .answer = [this, number](publish_result r) { answers[number] = r; }};
    hubbub::publish(*context, std::move(what));
    return number;
  }

  std::string error(std::size_t number) const {
    const auto* const why = std::get_if<publish_refusal>(&answers.at(number).value());
    REQUIRE(why);
    return std::string(name_of(why->code)) + (why->index ? ' ' + std::to_string(*why->index) : "");
  }

  std::vector<int> numbers(std::size_t number) const {
    const auto* const done = std::get_if<published>(&answers.at(number).value());
    REQUIRE(done);
    std::vector<int> out;
    for (const auto& m : done->messages)
      out.push_back(m.number);
    return out;
  }

  ingress_quota_ptr quota = std::make_shared<ingress_quota>();
  std::shared_ptr<counted_rate> rate = std::make_shared<counted_rate>();
  std::vector<std::optional<publish_result>> answers;
};

std::string many(std::size_t count, const std::string& last = "last") {
  std::string out = "[";
  for (std::size_t i = 1; i < count; ++i)
    out += R"({"text":"m"},)";
  return out + R"({"text":")" + last + "\"}]";
}

} // namespace

TEST_CASE("a unit is answered when it is stored, and shown like other messages") {
  publishing_hub hub;
  hub.injected->unavailable = 1;
  const auto first = hub.publish(R"([{"text":"a"},{"text":"b","key":"k"}])");
  hub.run();
  CHECK_FALSE(hub.answers[first]);
  hub.pass(1s);
  CHECK(hub.numbers(first) == std::vector<int>{1, 2});
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
  CHECK(hub.ingress->used() == 0);
  CHECK(hub.quota->used == 0);
}

TEST_CASE("a unit whose answer was lost is stored once, and by this request") {
  publishing_hub hub;
  hub.injected->lost_answers = 1;
  const auto first = hub.publish(R"([{"text":"a"},{"text":"b","key":"k"}])");
  hub.run();
  hub.pass(1s);
  CHECK(hub.numbers(first) == std::vector<int>{1, 2});
  for (const auto& m : std::get<published>(*hub.answers[first]).messages)
    CHECK_FALSE(m.repeated);
  CHECK(hub.db.value("select count(*) from messages") == "2");
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1, 2});
}

TEST_CASE("a unit that is refused is refused alone, and names the message at fault") {
  publishing_hub hub;
  bool objection = false;
  SUBCASE("refused") {}
  SUBCASE("objected to") {
    objection = true;
  }
  (objection ? hub.injected->objectionable : hub.injected->poison).insert("poison");
  hub.injected->unavailable = 1;
  hub.say(1, "before");
  hub.run();
  const auto well = hub.publish(many(500));
  const auto bad = hub.publish(many(700, "poison"));
  const auto other = hub.publish(many(300));
  hub.say(1, "after");
  for (int i = 0; i < 5; ++i)
    hub.pass(1s);
  CHECK(hub.error(bad) == "unstorable 699");
  CHECK(hub.numbers(well).back() == 500);
  CHECK(hub.numbers(other).back() == 300);
  CHECK(hub.db.value("select count(*) from messages") == "802");
  CHECK(hub.sink.settled[1] == 2);
  CHECK(hub.ingress->used() == 0);
  CHECK(hub.quota->used == 0);
}

TEST_CASE("a unit is refused without an index if the message at fault is not found") {
  publishing_hub hub;
  SUBCASE("the search fails") {
    hub.injected->search_fails = true;
  }
  SUBCASE("the search takes too long") {
    hub.injected->search_is_slow = true;
  }
  hub.injected->poison.insert("poison");
  const auto bad = hub.publish(many(5, "poison"));
  hub.run();
  const auto well = hub.publish(many(5));
  hub.run();
  CHECK(hub.error(bad) == "unstorable");
  CHECK(hub.numbers(well).back() == 5);
  CHECK(hub.ingress->log().available());
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a unit that takes too long alone is refused the second time, and others go on") {
  publishing_hub hub;
  hub.injected->max_drafts_in_time = 10;
  const auto slow = hub.publish(many(20));
  const auto well = hub.publish(many(10));
  hub.say(1, "single");
  for (int i = 0; i < 10; ++i)
    hub.pass(1s);
  CHECK(hub.error(slow) == "busy");
  CHECK(std::get<publish_refusal>(*hub.answers[slow]).retry_after > 0s);
  CHECK(hub.numbers(well).back() == 10);
  CHECK(hub.sink.settled[1] == 1);
  CHECK(hub.ingress->log().available());
  CHECK(hub.ingress->used() == 0);
  CHECK(hub.quota->used == 0);
}

TEST_CASE("a slow unit that may be stored is dropped without an answer") {
  publishing_hub hub;
  hub.injected->lost_answers = 1;
  const auto slow = hub.publish(many(20));
  hub.run();
  hub.injected->max_drafts_in_time = 10;
  for (int i = 0; i < 10; ++i)
    hub.pass(1s);
  CHECK_FALSE(hub.answers[slow]);
  CHECK(hub.ingress->log().available());
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a conflict of keys refuses its unit, and the others of the batch are stored") {
  publishing_hub hub;
  hub.say(1, "mine", "k");
  hub.run();
  const auto bad = hub.publish(R"([{"text":"new"},{"text":"other","key":"k"}])");
  const auto well = hub.publish(R"([{"text":"mine","key":"k"}])");
  hub.run();
  CHECK(hub.error(bad) == "key_conflict 1");
  const auto& row = std::get<published>(*hub.answers[well]).messages.at(0);
  CHECK(row.repeated);
  CHECK(row.id == 1);
  CHECK(hub.sink.ids(1) == std::vector<row_id>{1});
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("while an older hub lives, a unit with data is refused as a whole") {
  publishing_hub hub;
  hub.injected->unavailable = 1;
  hub.say(1, "before");
  hub.run();
  const auto with_data = hub.publish(R"([{"text":"plain"},{"data":1}])");
  const auto plain = hub.publish(R"([{"text":"plain"}])");
  hub.ingress->log().set_older_hub_lives(true);
  hub.injected->older_hub = true;
  hub.pass(1s);
  CHECK(hub.error(with_data) == "upgrading");
  CHECK(hub.numbers(plain) == std::vector<int>{1});
  const auto later = hub.publish(R"({"data":1})");
  CHECK(hub.error(later) == "upgrading");
  CHECK(hub.ingress->used() == 0);
}

TEST_CASE("a unit counts in the ingress budget, and is refused when that is full") {
  publishing_hub hub;
  hub.injected->unavailable = 1000;
  hub.say(1, "first");
  hub.run();
  std::size_t accepted = 0, refused = 0;
  for (int i = 0; i < 5; ++i) {
    const auto number = hub.publish(many(1000));
    hub.answers[number] ? ++refused : ++accepted;
    if (hub.answers[number])
      CHECK(hub.error(number) == "busy");
  }
  CHECK(accepted >= 1);
  CHECK(refused >= 1);
  hub.injected->unavailable = 0;
  hub.pass(1s);
  CHECK(hub.ingress->used() == 0);
  CHECK(hub.db.value("select count(*) from messages") == std::to_string(1000 * accepted + 1));
}

TEST_CASE("a unit pays for its messages when it is taken, and a refused body for its size") {
  publishing_hub hub;
  const auto cost = [&](const std::string& body) {
    const auto before = hub.rate->left;
    const auto number = hub.publish(body);
    hub.run();
    const bool done = std::holds_alternative<published>(*hub.answers[number]);
    return std::pair{before - hub.rate->left, done ? "published" : hub.error(number)};
  };
  using paid = std::pair<long, std::string>;
  CHECK(cost(many(50)) == paid{50, "published"});
  CHECK(cost("[") == paid{1, "bad_json 0"});
  CHECK(cost('[' + std::string(40'000, ' ')) == paid{3, "bad_json 0"});
  hub.ingress->log().set_older_hub_lives(true);
  CHECK(cost(R"([{"data":1},{"text":"a"}])") == paid{0, "upgrading"});
  hub.ingress->log().set_older_hub_lives(false);
  hub.rate->left = 5;
  CHECK(cost(many(50)) == paid{1, "too_fast"});
  hub.rate->left = 0;
  CHECK(cost("[") == paid{0, "too_fast"});
}

TEST_CASE("a request that is told that the hub is busy pays nothing") {
  publishing_hub hub;
  hub.injected->unavailable = 1000;
  hub.say(1, "first");
  hub.run();
  std::size_t last = 0;
  do {
    const auto before = hub.rate->left;
    last = hub.publish(many(1000));
    CHECK(before - hub.rate->left == (hub.answers[last] ? 0 : 1000));
  } while (!hub.answers[last] && last < 100);
  CHECK(hub.error(last) == "busy");
}
