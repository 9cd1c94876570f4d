#include "actors/wire_hello.hpp"

#include "actors/code_points.hpp"
#include "actors/display_name.hpp"
#include "actors/person.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

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

hello read_hello(nlohmann::json& frame) {
  hello out;
  if (const auto secret = frame.find("secret"); secret != frame.end()) {
    if (secret->is_string())
      out.person = take_secret(secret->get_ref<std::string&>());
    if (!out.person)
      return refused(refusal_code::bad_secret,
                     "a secret is a string of 16 to 128 characters, none of them NUL");
  }
  if (const auto name = frame.find("name"); name != frame.end()) {
    if (name->is_null())
      out.name = "";
    else if (name->is_string() && is_display_name(name->get_ref<const std::string&>()))
      out.name = std::move(name->get_ref<std::string&>());
    else
      return refused(refusal_code::bad_name,
                     "a name has 1 to 40 characters, some of them visible, and none that controls "
                     "how text is shown");
  }
  return out;
}

} // namespace hubbub::wire
