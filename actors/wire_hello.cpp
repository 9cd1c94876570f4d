#include "actors/wire_hello.hpp"

#include "actors/code_points.hpp"
#include "actors/display_name.hpp"
#include "actors/person.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace hubbub::wire {

namespace {

hello refused(refusal_code code, const char* why) {
  return {{}, {}, why, code};
}

/// Returns the person of a secret, or nothing if the secret is malformed. Overwrites the secret.
std::optional<std::string> take_secret(std::string& secret) {
  const auto size = code_points(secret);
  std::optional<std::string> person;
  if (size >= min_secret && size <= max_secret && secret.find('\0') == secret.npos)
    person = person_of_secret(secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  return person;
}

} // namespace

hello read_hello(hello_field name, hello_field secret) {
  using kind = hello_field::kind;
  hello out;
  if (secret.is == kind::text)
    out.person = take_secret(*secret.text);
  if (secret.is != kind::absent && !out.person)
    return refused(refusal_code::bad_secret,
                   "a secret is a string of 16 to 128 characters, none of them NUL");
  if (name.is == kind::null)
    out.name = "";
  else if (name.is == kind::text && is_display_name(*name.text))
    out.name = std::move(*name.text);
  else if (name.is != kind::absent)
    return refused(refusal_code::bad_name,
                   "a name has 1 to 40 characters, some of them visible, and none that controls "
                   "how text is shown");
  return out;
}

} // namespace hubbub::wire
