// JSON Web Tokens, by the examples of their specification. tests/api tries the attacks.
#include "net/access/token.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace hubbub;
using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_SUITE_BEGIN("token");

namespace {

// RFC 7515, appendices A.1 and A.3. The payload of both is {"iss":"joe","exp":1300819380,…}.
const std::string secret =
    "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9"
    "\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62"
    "\x3d\x22\x3d\x2e\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3";
const std::string claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
const std::string by_secret = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + claims +
                              ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string public_key = "-----BEGIN PUBLIC KEY-----\n"
                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
                               "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
                               "-----END PUBLIC KEY-----\n";
const std::string by_curve =
    "eyJhbGciOiJFUzI1NiJ9." + claims +
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const sys_seconds expires{seconds(1300819380)};

std::string base64url(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const unsigned char c : text) {
    bits = bits << 8 | c;
    for (count += 8; count >= 6;)
      out += digits[bits >> (count -= 6) & 63];
  }
  if (count > 0)
    out += digits[bits << (6 - count) & 63];
  return out;
}

/// Returns a token that is signed with "secret" by HS256.
std::string signed_by_secret(const std::string& header, const std::string& payload = "{}") {
  const auto text = base64url(header) + '.' + base64url(payload);
  unsigned char made[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), "secret", 6, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       made, &size);
  return text + '.' + base64url({reinterpret_cast<const char*>(made), size});
}

bool is_taken(const std::string& header, const std::string& payload = "{}") {
  return token_key::of_secret("secret")
      .check(signed_by_secret(header, payload), expires)
      .has_value();
}

} // namespace

TEST_CASE("an access token is accepted, and a token of another type is not") {
  for (const std::string kind : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"}) {
    CAPTURE(kind);
    CHECK(is_taken(R"({"alg":"HS256","typ":")" + kind + "\"}"));
  }
  CHECK(is_taken(R"({"alg":"HS256"})"));
  for (const std::string kind :
       {R"("dpop+jwt")", R"("logout+jwt")", R"("secevent+jwt")", R"("JOSE")", R"("")",
        R"("at+jwt ")", R"("application/dpop+jwt")", R"("at")", "null", "7", R"(["JWT"])"}) {
    CAPTURE(kind);
    CHECK_FALSE(is_taken(R"({"alg":"HS256","typ":)" + kind + "}"));
  }
}

TEST_CASE("a header with another algorithm or an unknown critical extension is refused") {
  for (const std::string header :
       {R"({})", R"({"alg":"hs256"})", R"({"alg":"none"})", R"({"alg":"HS512"})", R"({"alg":7})",
        R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","b64":false,"crit":["b64"]})",
        R"(["HS256"])", "HS256", "", R"({"alg":"HS256")"}) {
    CAPTURE(header);
    CHECK_FALSE(is_taken(header));
  }
}

TEST_CASE("a token is three parts in base64url without padding") {
  const auto key = token_key::of_secret("secret");
  const auto good = signed_by_secret(R"({"alg":"HS256"})");
  REQUIRE(key.check(good, expires));
  for (const auto& token :
       {good + '=', good + '.', '.' + good, good + ' ', good + '\n', good + '\0',
        good.substr(0, good.rfind('.')), good.substr(0, good.rfind('.') + 1), std::string(".."),
        std::string("."), std::string()})
    CHECK_FALSE(key.check(token, expires));
  for (const std::string payload : {"", "[]", "{", "7", "{}{}"})
    CHECK_FALSE(is_taken(R"({"alg":"HS256"})", payload));
}

TEST_CASE("a token allows the rooms that it names, those of its patterns, or all") {
  const auto rooms_of = [](const std::string& payload) {
    const auto good = token_key::of_secret("secret").check(
        signed_by_secret(R"({"alg":"HS256"})", payload), expires);
    REQUIRE(good);
    return good->rooms;
  };
  const auto some = rooms_of(R"({"rooms":["cafe\u0301","team-*"]})");
  CHECK(allows(some, "caf\xC3\xA9"));
  CHECK(allows(some, "team-7"));
  CHECK_FALSE(allows(some, "cafe"));
  CHECK_FALSE(rooms_of("{}"));
  CHECK_FALSE(allows(rooms_of(R"({"rooms":[]})"), "lobby"));
  CHECK(allows(rooms_of(R"({"rooms":["*"]})"), "lobby"));
  for (const std::string payload : {R"({"rooms":"lobby"})", R"({"rooms":["lobby",7]})",
                                    R"({"rooms":null})", R"({"rooms":{"a":"lobby"}})"})
    CHECK_FALSE(is_taken(R"({"alg":"HS256"})", payload));
}

TEST_CASE("a token makes a verified person of its issuer and its whole subject") {
  const auto by = [](const std::string& payload) {
    const auto good = token_key::of_secret("secret").check(
        signed_by_secret(R"({"alg":"HS256"})", payload), expires);
    REQUIRE(good);
    REQUIRE(good->by);
    return *good->by;
  };
  using profile = author_profile;
  CHECK(by(R"({"sub":"Ada"})") == profile{"Ada", "user-_ujU2l9ib_Emt2Tl", true});
  CHECK(by(R"({"iss":"","sub":"Ada"})") == profile{"Ada", "user-_ujU2l9ib_Emt2Tl", true});
  CHECK(by(R"({"iss":"https://issuer.example","sub":"Ada"})") ==
        profile{"Ada", "user-c8HdbfaSvUGLVeAn", true});
  for (const std::string nobody : {"{}", R"({"sub":""})", R"({"iss":"https://issuer.example"})"})
    CHECK(by(nobody) == profile{"", "", true});
  const std::string cut(64, 'a');
  CHECK(by(R"({"sub":")" + cut + "b\"}").name == cut);
  CHECK(by(R"({"sub":")" + cut + "b\"}").person != by(R"({"sub":")" + cut + "c\"}").person);
  CHECK(by(R"({"sub":"a\u0007b"})").name == "ab");
  CHECK(by(R"({"sub":"a\u0007b"})").person != by(R"({"sub":"ab"})").person);
  CHECK(by(R"({"sub":"\u0007"})").name.empty());
  CHECK_FALSE(by(R"({"sub":"\u0007"})").person.empty());
  for (const std::string iss : {"7", "null", "[\"joe\"]", "{}", "true"})
    CHECK_FALSE(is_taken(R"({"alg":"HS256"})", R"({"sub":"Ada","iss":)" + iss + "}"));
}

TEST_CASE("a token with a thousand rooms allows each of them") {
  std::string list;
  for (int i = 0; i < 1000; ++i)
    list += (i ? ",\"room-" : "\"room-") + std::to_string(i) + '"';
  const auto good = token_key::of_secret("secret").check(
      signed_by_secret(R"({"alg":"HS256"})", "{\"rooms\":[" + list + "]}"), expires);
  REQUIRE(good);
  for (int i = 0; i < 1000; ++i)
    CHECK(allows(good->rooms, "room-" + std::to_string(i)));
  CHECK_FALSE(allows(good->rooms, "room-1000"));
}

TEST_CASE("the examples of the specification are valid until five seconds after they expire") {
  for (const auto& [key, token] : {std::pair{token_key::of_secret(secret), by_secret},
                                   std::pair{token_key::of_public_key(public_key), by_curve}}) {
    const auto good = key.check(token, expires + seconds(4));
    REQUIRE(good);
    CHECK(good->expires_at == expires + token_key::leeway);
    CHECK(good->by->name.empty());
    CHECK(allows(good->rooms, "any room"));
    CHECK_FALSE(key.check(token, expires + seconds(5)));
  }
}

TEST_CASE("a token with any one character changed or left out is refused") {
  const auto key = token_key::of_secret(secret);
  for (std::size_t i = 0; i + 1 < by_secret.size();
       ++i) { // some of the last one's bits are padding
    auto changed = by_secret;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(key.check(changed, expires));
    CHECK_FALSE(key.check(by_secret.substr(0, i) + by_secret.substr(i + 1), expires));
    CHECK_FALSE(key.check(by_secret.substr(0, i), expires));
  }
}

TEST_CASE("a key accepts only tokens of its own algorithm") {
  CHECK_FALSE(token_key::of_public_key(public_key).check(by_secret, expires));
  CHECK_FALSE(token_key::of_secret(secret).check(by_curve, expires));
  CHECK_FALSE(token_key::of_secret(public_key).check(by_curve, expires));
}

TEST_CASE("a malformed key is refused") {
  CHECK_THROWS_AS(token_key::of_secret(""), std::invalid_argument);
  for (const auto* text : {"", "key", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"})
    CHECK_THROWS_AS(token_key::of_public_key(text), std::invalid_argument);
}

TEST_CASE("the reason of a refusal names the claim, and quotes nothing of the token") {
  std::string why;
  const auto refused = [&](const token_key& key, const std::string& token, sys_seconds at) {
    CHECK_FALSE(key.check(token, at, why));
    return why;
  };
  const auto ours = token_key::of_secret(secret);
  CHECK(refused(ours, by_secret, expires + seconds(5)) == "exp has passed");
  CHECK(refused(ours, by_curve, expires) == "alg is not HS256");
  CHECK(refused(token_key::of_public_key(public_key), by_secret, expires) == "alg is not ES256");
  CHECK(refused(token_key::of_secret("another"), by_secret, expires) ==
        "its signature is not by the hub's key");
  CHECK(refused(ours, "nonsense", expires) == "it is no JSON Web Token");
  CHECK(refused(ours, by_secret + '\0', expires) == "it is no JSON Web Token");
}
