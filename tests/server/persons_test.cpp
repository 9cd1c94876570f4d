// A client says who it is by `hello`, and messages carry its name and its person.
#include "tests/server/persons.hpp"

#include "tests/server/signed_token.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("persons");

namespace {

// The persons were computed with Python's hashlib and base64.
const std::string ann_secret = "0123456789abcdef", ann = "anon-AY18-GuHIRbGmFoY";
const std::string bob_secret = "secret of person 0", bob = "anon-686DGKBIIg9vuGdw";

json answer(const json& name, const json& person) {
  return {{"type", "hello"}, {"name", name}, {"person", person}};
}

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

} // namespace

TEST_CASE_TEMPLATE("messages carry the name and the person of their time, live and afterwards",
                   database, sqlite, postgres) {
  database db;
  json expected = json::array(), heard = json::array();
  {
    hub hub{db};
    visitor alice{hub}, reader{hub};
    const auto says = [&](const json& name, const json& person) {
      alice.say("hello");
      expected.push_back({name, person, nullptr});
      heard.push_back(author_of(alice.hears()));
      CHECK(author_of(reader.hears()) == expected.back());
    };
    says(nullptr, nullptr);
    CHECK(say_hello(alice, {{"name", "Ann"}}) == answer("Ann", nullptr));
    says("Ann", nullptr);
    CHECK(say_hello(alice, {{"secret", ann_secret}}) == answer("Ann", ann));
    says("Ann", ann);
    CHECK(say_hello(alice, {{"name", "Anna \"💡\""}}) == answer("Anna \"💡\"", ann));
    says("Anna \"💡\"", ann);
    CHECK(say_hello(alice, {{"secret", bob_secret}}) == answer("Anna \"💡\"", bob));
    says("Anna \"💡\"", bob);
    CHECK(say_hello(alice, json::object()) == answer("Anna \"💡\"", bob));
    CHECK(say_hello(alice, {{"name", nullptr}}) == answer(nullptr, bob));
    says(nullptr, bob);
    CHECK(heard == expected);

    alice.send_text(R"({"type":"hello"})");
    CHECK(alice.next_text() == R"({"type":"hello","name":null,"person":")" + bob + "\"}");
  }
  hub again{db};
  visitor late{again};
  json history = json::array(), page = json::array();
  for (const auto& each : late.init["history"])
    history.push_back(author_of(each));
  const auto answered = fetch(again.port(), "/messages").json();
  for (const auto& each : answered["messages"])
    page.insert(page.begin(), author_of(each));
  CHECK(history == expected);
  CHECK(page == expected);
}

TEST_CASE_TEMPLATE("a draft keeps the name that its author had when it was accepted", database,
                   sqlite, postgres) {
  database db;
  hub hub{db};
  visitor alice{hub};
  // All frames are accepted in one go, and are stored later, in batches.
  std::vector<json> frames;
  for (int i = 0; i < 200; ++i) {
    frames.push_back({{"type", "hello"},
                      {"name", "Ann " + std::to_string(i)},
                      {"secret", "secret of person " + std::to_string(i % 2)}});
    frames.push_back(message_in("lobby", std::to_string(i)));
  }
  alice.send_all(frames);
  for (int i = 0; i < 200;) {
    const auto frame = alice.hears_any();
    if (frame["type"] != "message")
      continue;
    CHECK(frame["text"] == std::to_string(i));
    CHECK(frame["name"] == "Ann " + std::to_string(i));
    CHECK(frame["person"] == (i % 2 ? "anon-JgVF9y-MB176u-ZY" : bob));
    ++i;
  }
}

TEST_CASE("one person is the same after a reload, on two connections, and in two hubs") {
  postgres db;
  hub one{db}, two{db};
  visitor reader{two};
  for (auto* where : {&one, &one, &two}) {
    visitor alice{*where};
    CHECK(say_hello(alice, introduced("Ann", ann_secret)) == answer("Ann", ann));
    alice.say("hello");
    CHECK(author_of(alice.hears()) == json{"Ann", ann, nullptr});
    CHECK(author_of(reader.hears()) == json{"Ann", ann, nullptr});
    alice.leave();
  }
  visitor first{one, "?room=den"}, second{one, "?room=den"}; // no message arrives there
  CHECK(say_hello(first, introduced("Ann", ann_secret)) == answer("Ann", ann));
  CHECK(say_hello(second, introduced("Ann", ann_secret)) == answer("Ann", ann));
}

TEST_CASE("each wrong hello is answered by its error and changes nothing") {
  sqlite db;
  hub hub{db};
  visitor alice{hub}, other{hub};
  REQUIRE(say_hello(other, introduced("Bob", bob_secret)) == answer("Bob", bob));
  REQUIRE(say_hello(alice, introduced("Ann", ann_secret)) == answer("Ann", ann));
  int number = 0;
  for (const auto& [code, fields] : std::initializer_list<std::pair<std::string, std::string>>{
           {"bad_name", R"("name":"")"},
           {"bad_name", R"("name":"\u0000")"},
           {"bad_name", R"("name":"a\u0007b")"},
           {"bad_name", R"("name":"\u202eAnn")"},
           {"bad_name", R"("name":"\u2066Ann")"},
           {"bad_name", R"("name":" \u200b\u3164")"},
           {"bad_name", R"("name":"\ufffe")"},
           {"bad_name", R"("name":7)"},
           {"bad_name", R"("name":["Ann"])"},
           {"bad_name", R"("name":")" + repeated("é", 41) + '"'},
           {"bad_name", R"("name":"","secret":")" + bob_secret + '"'},
           {"bad_secret", R"("secret":"123456789012345")"},
           {"bad_secret", R"("secret":")" + repeated("é", 129) + '"'},
           {"bad_secret", R"("secret":"1234567890123456\u0000")"},
           {"bad_secret", R"("secret":null)"},
           {"bad_secret", R"("secret":1234567890123456)"},
           {"bad_secret", R"("name":"Eve","secret":"short")"},
           {"bad_secret", R"("name":"","secret":"short")"},
           {"name_taken", R"("name":"bob")"},
           {"name_taken", R"("name":"bob","secret":"1234567890123456")"},
           {"surrogate", R"("name":"\ud800")"}}) {
    CAPTURE(fields);
    alice.send_text(R"({"type":"hello",)" + fields + "}");
    const auto error = alice.gets("error");
    CHECK(error["code"] == code);
    CHECK(error.size() == 3);
    alice.say("still Ann");
    const auto heard = alice.hears();
    CHECK(author_of(heard) == json{"Ann", ann, nullptr});
    CHECK(heard["user_message_number"] == ++number);
  }
  CHECK(say_hello(alice, json::object()) == answer("Ann", ann));
}

TEST_CASE("a hello counts as one message in RATE_LIMIT") {
  sqlite db;
  hub hub{db, {{"RATE_LIMIT", "1"}}};
  visitor alice{hub};
  std::vector<json> frames(10, json{{"type", "hello"}, {"name", "Ann"}, {"secret", ann_secret}});
  alice.send_all(frames);
  CHECK(alice.gets("hello")["name"] == "Ann");
  auto frame = json::object();
  for (int i = 0; i < 9 && frame.value("code", "") != "too_fast"; ++i)
    frame = alice.hears_any();
  CHECK(frame["code"] == "too_fast");
  CHECK(frame.size() == 3);
}

TEST_CASE_TEMPLATE("with a token the name and the person are verified, and no hello is taken",
                   database, sqlite, postgres) {
  database db;
  json expected = json::array();
  {
    hub hub{db, {{"JWT_SECRET", jwt_secret}}};
    const std::string head = R"({"alg":"HS256"})";
    for (const auto& [claims, name, person] :
         std::initializer_list<std::tuple<std::string, json, json>>{
             {R"({"sub":"Ada"})", "Ada", "user-_ujU2l9ib_Emt2Tl"},
             {R"({"iss":"https://issuer.example","sub":"Ada"})", "Ada", "user-c8HdbfaSvUGLVeAn"},
             {R"({"sub":"\u0007"})", nullptr, "user-5mpbXHMxC7UPGjj8"},
             {R"({"iss":"https://issuer.example"})", nullptr, nullptr},
             {"{}", nullptr, nullptr}}) {
      visitor ada{hub, "?access_token=" + signed_token(head, claims)};
      for (const auto& fields :
           {json::object(), introduced("Eve", ann_secret), json{{"name", nullptr}},
            json{{"name", ""}}, json{{"secret", "short"}}, introduced("Ada")})
        CHECK(hello_error(ada, fields) == "verified_name");
      ada.say("hello");
      expected.push_back({name, person, name.is_null() ? json() : json(true)});
      CHECK(author_of(ada.hears()) == expected.back());
    }
    // Nobody says hello in a hub with tokens, so names of tokens are never taken.
    const auto name = repeated("a", 64);
    visitor cut{hub, "?access_token=" + signed_token(head, R"({"sub":")" + name + "b\"}")};
    visitor same{hub, "?access_token=" + signed_token(head, R"({"sub":")" + name + "c\"}")};
    cut.say("hello");
    const auto one = author_of(cut.hears());
    CHECK(author_of(same.hears()) == one);
    same.say("hello");
    const auto two = author_of(same.hears());
    CHECK(one[0] == name);
    CHECK(two[0] == name);
    CHECK(one[1] != two[1]);
    expected.push_back(one);
    expected.push_back(two);
  }
  hub open{db};
  visitor late{open};
  json history = json::array();
  for (const auto& each : late.init["history"])
    history.push_back(author_of(each));
  CHECK(history == expected);
}

TEST_SUITE_END();
