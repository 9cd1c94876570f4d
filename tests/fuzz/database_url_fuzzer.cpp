// Any text as DATABASE_URL is either refused with one sentence for the operator, or gives a
// connection string that libpq can read and a form for the log that contains no password.
#include "storage/database_url.hpp"

#include "tests/fuzz/property.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

using namespace hubbub;

namespace {

/// Replaces the password, in both places where it may stand, and checks that the shown form is the
/// same.
void check_shown(const database& db, std::string_view words) {
  std::string other(words);
  const auto begin = other.find("://") + 3, end = std::min(other.find('/', begin), other.size()),
             at = other.find('@', begin), colon = other.find(':', begin);
  const auto query = other.find('?', at < end ? at : begin);
  if (query == other.npos)
    other += '?';
  else if (!other.ends_with('?') && !other.ends_with('&'))
    other += '&';
  other += "password=another";
  if (at < end && colon < at)
    other.replace(colon + 1, at - colon - 1, "another");
  claim(parse_database_url(other).display_name == db.display_name, "the password is not shown");
}

void check_postgresql(const database& db, std::string_view words) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(db.connection_string.c_str(), &error), &PQconninfoFree);
  if (error) {
    std::cerr << error;
    PQfreemem(error);
  }
  claim(options != nullptr, "libpq can read it");
  check_shown(db, words);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view words(reinterpret_cast<const char*>(data), size);
  try {
    const auto db = parse_database_url(words);
    claim(db.connection_string.find('\0') == std::string::npos, "the connection string has no NUL");
    claim(db.display_name.find_first_of("\r\n") == std::string::npos, "what is shown is one line");
    if (db.kind == database_kind::postgresql)
      check_postgresql(db, words);
  } catch (const std::invalid_argument& e) {
    const std::string_view sentence = e.what();
    claim(!sentence.empty() && sentence.find('\n') == sentence.npos, "one line says what is wrong");
  }
  return 0;
}
