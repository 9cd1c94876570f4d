#include "storage/database_url.hpp"

#include <boost/url/parse.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

namespace hubbub {

namespace {

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out += '\'';
}

/// What follows `sqlite://` is `/` and the file's name as it is, as SQLAlchemy has it, and no URL's
/// path.
database sqlite(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.size() < 2 || path[0] != '/')
    throw std::invalid_argument("an SQLite database is given as sqlite:///file.db, or "
                                "sqlite:////folder/file.db for an absolute path");
  const std::string file(path.substr(1));
  if (file.find('"') != std::string::npos || file == ":memory:")
    throw std::invalid_argument("SQLite needs a file, without quotation marks in its name");
  return {database_kind::sqlite, "dbname=\"" + file + "\"", file, "sqlite:///" + file};
}

/// Unknown parameters, names that would break out of their place, and a NUL, behind which libpq
/// would read no more.
void check_with_libpq(const database& db) {
  if (db.connect.find('\0') != db.connect.npos)
    throw std::invalid_argument("an address for PostgreSQL has no %00");
  char* words = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read(
      PQconninfoParse(db.connect.c_str(), &words), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(words, &PQfreemem);
  if (read)
    return;
  const std::string_view why = words ? words : "out of memory";
  throw std::invalid_argument("PostgreSQL says: " + std::string(why.substr(0, why.find('\n'))));
}

database postgresql(const boost::urls::url_view& url) {
  // A database that vanished without a word is noticed in seconds, not in TCP's quarter of an hour.
  std::map<std::string, std::string> given{
      {"application_name", "hubbub"}, {"connect_timeout", "2"},
      {"keepalives_idle", "5"},       {"keepalives_interval", "2"},
      {"keepalives_count", "3"},      {"tcp_user_timeout", "10000"},
      {"client_encoding", "UTF8"},    {"options", "-c client_min_messages=warning"}};
  for (const auto& parameter : url.params()) // as libpq has them: host, sslmode, sslrootcert…
    given[parameter.key == "ssl" ? "sslmode" : parameter.key] = parameter.value;
  const auto take = [&](const char* name, std::string value) {
    if (!value.empty())
      given[name] = std::move(value);
  };
  take("host", url.host_type() == boost::urls::host_type::ipv6 ? std::string(url.host_address())
                                                               : std::string(url.host()));
  take("port", std::string(url.port()));
  take("user", url.user());
  take("password", url.password());
  const std::string path = url.path();
  take("dbname", path.empty() ? path : path.substr(1));

  database out{database_kind::postgresql, {}, {}, "postgresql://"};
  for (const auto& [name, value] : given)
    out.connect += name + '=' + quoted(value) + ' ';
  out.shown += std::string(url.encoded_host_and_port()) + std::string(url.encoded_path());
  return out;
}

database read(std::string_view text) {
  const auto scheme_end = text.find("://");
  const auto family = std::string(text.substr(0, std::min(text.find('+'), scheme_end)));
  if (scheme_end == text.npos)
    throw std::invalid_argument("this is no URL such as postgresql://user:password@host:5432/name");
  if (family == "sqlite")
    return sqlite(text.substr(scheme_end + 3));
  if (family != "postgresql" && family != "postgres")
    throw std::invalid_argument("the database " + family +
                                " is not supported; postgresql and sqlite are");
  const auto url = boost::urls::parse_uri(text);
  // Boost.URL 1.81 reads an empty query past its end where a fragment follows, and ends a port
  // where its digits end.
  if (url && !url->has_fragment() &&
      (url->encoded_path().empty() || url->encoded_path().starts_with('/')))
    return postgresql(*url);
  throw std::invalid_argument(
      "this is no URL; characters such as @ / : % # in a password are percent-encoded");
}

} // namespace

database parse_database_url(std::string_view text) {
  const auto control = [](unsigned char c) { return c < ' ' || c == '\x7F'; };
  if (std::any_of(text.begin(), text.end(), control))
    throw std::invalid_argument("an address has no control characters");
  auto out = read(text);
  if (out.kind == database_kind::postgresql)
    check_with_libpq(out);
  return out;
}

} // namespace hubbub
