// The pseudonyms of persons. The expected values were computed with Python's hashlib and base64.
#include "actors/person.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

TEST_SUITE_BEGIN("person");

TEST_CASE("a secret makes the pseudonym that the description gives") {
  for (const auto& [secret, person] : {
           std::pair{"0123456789abcdef", "anon-AY18-GuHIRbGmFoY"},
           std::pair{"éééééééééééééééé", "anon-xKpRTaIz1lIoeEXN"},
           std::pair{"secret of person 27", "anon-lsl6fSKm9pIYVQTW"},
           std::pair{"secret of person 26", "anon-OKtp_bq-_26kYo9E"},
           std::pair{"secret of person 18", "anon--6uhV743yTM9lPM5"},
       })
    CHECK(person_of_secret(secret) == person);
}

TEST_CASE("a token makes the pseudonym of its issuer and its whole subject") {
  CHECK(person_of_token("", "Ada") == "user-_ujU2l9ib_Emt2Tl");
  CHECK(person_of_token("https://issuer.example", "Ada") == "user-c8HdbfaSvUGLVeAn");
  CHECK(person_of_token("https://issuer.example", "ada") == "user-oGQK0eH-3H0QcofL");
  const std::string long_name(64, 'a');
  CHECK(person_of_token("", long_name + "b") != person_of_token("", long_name + "c"));
}

TEST_SUITE_END();
