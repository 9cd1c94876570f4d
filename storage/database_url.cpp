#include "storage/database_url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace hubbub {

namespace {

using parameters = std::map<std::string, std::string>;

const std::string no_url = "this is no URL that PostgreSQL understands; characters such as "
                           "@ / : % # in a password are percent-encoded";

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out += '\'';
}

/// Returns the text percent-encoded as a part of a URL. All characters except the unreserved ones
/// of RFC 3986, section 2.3, are encoded.
std::string encoded(const std::string& text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

/// Splits a text at its commas.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out{""};
  for (const char c : text)
    c == ',' ? (void)out.emplace_back() : out.back().push_back(c);
  return out;
}

/// Reads the part after `sqlite://`, which is `/` and the name of the file, not percent-encoded, as
/// in SQLAlchemy.
database sqlite(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.size() < 2 || path[0] != '/')
    throw std::invalid_argument("a SQLite database is given as sqlite:///file.db, or "
                                "sqlite:////folder/file.db for an absolute path");
  const std::string file(path.substr(1));
  if (file.find('"') != std::string::npos || file == ":memory:")
    throw std::invalid_argument("SQLite needs a file, without quotation marks in its name");
  return {database_kind::sqlite, "dbname=\"" + file + "\"", file, "sqlite:///" + file};
}

/// Returns the position of the query in the part after `://`. Like libpq, it first takes everything
/// before an `@` for the user and the password.
std::size_t query_position(std::string_view rest) {
  const auto at = rest.find('@');
  return rest.find('?', at < rest.find('/') ? at : 0);
}

using conninfo = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

/// Returns null if libpq does not understand the text.
conninfo parse(const std::string& text) {
  return {PQconninfoParse(text.c_str(), nullptr), &PQconninfoFree};
}

/// Returns the first parameter of the query that libpq does not know. Returns an empty text if
/// there is none, or if the name may be a part of a password that contains an `&`.
std::string unknown_name(std::string_view rest) {
  const auto query = query_position(rest);
  if (query == rest.npos || rest.find('@', query) != rest.npos ||
      rest.find("password=", query) != rest.npos)
    return {};
  const auto all = parse("");
  for (auto at = query; at != rest.npos; at = rest.find('&', at + 1)) {
    const auto pair = rest.substr(at + 1, rest.find('&', at + 1) - at - 1);
    const std::string name(pair.substr(0, pair.find('=')));
    bool known = name.find('%') != name.npos;
    for (const auto* one = all.get(); one && one->keyword; ++one)
      known |= one->keyword == name;
    if (!known && !name.empty())
      return name;
  }
  return {};
}

/// Returns the parameters as libpq reads them. The error message of libpq is not passed on, because
/// it repeats the URL with the password.
parameters read_by_libpq(const std::string& rest) {
  const auto read = parse("postgresql://" + rest);
  if (!read) {
    const auto unknown = unknown_name(rest);
    throw std::invalid_argument(unknown.empty() ? no_url
                                                : "PostgreSQL knows no parameter " + unknown);
  }
  parameters given;
  for (const auto* one = read.get(); one->keyword; ++one)
    if (one->val)
      given[one->keyword] = one->val;
  return given;
}

/// Throws if libpq would read the rest of a password as a host, a port or a database, which the hub
/// would then show. So a port must be a number, and the names of hosts and databases must not
/// contain an `@`.
void check_parts(std::string_view rest, const parameters& given) {
  const auto body = rest.substr(0, query_position(rest));
  if (std::count(body.begin(), body.end(), '@') > 1 ||
      (body.find('@') != body.npos && body.find('/') < body.find('@')))
    throw std::invalid_argument(no_url);
  // libpq takes everything after an opening bracket for an address, even the query.
  const auto hosts = body.substr(body.find('@') == body.npos ? 0 : body.find('@'));
  for (auto at = hosts.find('['); at != hosts.npos; at = hosts.find('[', at + 1)) {
    const auto end = hosts.find(']', at);
    const auto address = hosts.substr(at + 1, end - at - 1);
    if (end == hosts.npos || std::any_of(address.begin(), address.end(), [](unsigned char c) {
          return !std::isalnum(c) && c != ':' && c != '.' && c != '%';
        }))
      throw std::invalid_argument(no_url);
  }
  if (const auto ports = given.find("port"); ports != given.end())
    for (const auto& port : split(ports->second))
      if (port.size() > 5 ||
          !std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c); }))
        throw std::invalid_argument(no_url);
}

std::string value_of(const parameters& given, const char* name) {
  const auto at = given.find(name);
  return at == given.end() ? std::string() : at->second;
}

std::vector<std::string> hosts_of(const parameters& given) {
  const auto names = value_of(given, "host");
  return split(names.empty() ? value_of(given, "hostaddr") : names);
}

/// Throws for wrong values that libpq would report only when it connects, so that the hub would
/// retry for ever.
void check_values(const parameters& given) {
  const auto ports = split(value_of(given, "port"));
  for (const auto& port : ports)
    if (const int number = port.empty() ? 1 : std::stoi(port); number < 1 || number > 65535)
      throw std::invalid_argument("a port is a number from 1 to 65535");
  if (ports.size() > 1 && ports.size() != hosts_of(given).size())
    throw std::invalid_argument("there is one port for all servers, or one for each");
  const auto check = [&](const char* name, std::initializer_list<std::string_view> known) {
    const auto value = value_of(given, name);
    if (!value.empty() && std::find(known.begin(), known.end(), value) == known.end())
      throw std::invalid_argument(std::string("PostgreSQL does not know this value of ") + name);
  };
  check("sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"});
  check("target_session_attrs",
        {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"});
}

/// Returns the hosts or their sockets, the ports and the name of the database. The other parts may
/// be secret.
std::string display_name(const parameters& given) {
  const auto hosts = hosts_of(given), ports = split(value_of(given, "port"));
  std::string out = "postgresql://";
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const bool ipv6 = hosts[i].find(':') != std::string::npos &&
                      hosts[i].find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
    const auto& port = ports.size() == 1 ? ports[0] : i < ports.size() ? ports[i] : std::string();
    out += (i ? "," : "") + (ipv6 ? '[' + hosts[i] + ']' : encoded(hosts[i])) +
           (port.empty() ? "" : ':' + port);
  }
  const auto name = value_of(given, "dbname");
  return name.empty() ? out : out + '/' + encoded(name);
}

/// Renames the parameter `ssl` of SQLAlchemy's drivers to libpq's `sslmode`.
std::string with_libpq_names(std::string_view rest) {
  std::string out(rest);
  for (auto at = query_position(out); at != out.npos; at = out.find('&', at + 1))
    if (out.compare(at + 1, 4, "ssl=") == 0 && out.compare(at + 1, 9, "ssl=true&") != 0 &&
        out.substr(at + 1) != "ssl=true")
      out.insert(at + 4, "mode");
  return out;
}

database postgresql(std::string_view rest) {
  const auto known = with_libpq_names(rest);
  auto given = read_by_libpq(known);
  check_parts(known, given);
  check_values(given);
  database out{database_kind::postgresql, {}, {}, display_name(given)};
  // Only one of several servers accepts writes.
  if (split(given["host"]).size() > 1 || split(given["hostaddr"]).size() > 1)
    given.emplace("target_session_attrs", "read-write");
  // With these a server that disappeared is noticed within seconds, not after the quarter of an
  // hour that TCP takes by default.
  given.insert({{"application_name", "hubbub"},
                {"connect_timeout", "2"},
                {"keepalives_idle", "5"},
                {"keepalives_interval", "2"},
                {"keepalives_count", "3"},
                {"tcp_user_timeout", "10000"},
                {"client_encoding", "UTF8"}});
  for (const auto& [name, value] : given)
    if (!value.empty())
      out.connection_string += name + '=' + quoted(value) + ' ';
  return out;
}

database read(std::string_view text) {
  const auto scheme_end = text.find("://");
  const auto family = std::string(text.substr(0, std::min(text.find('+'), scheme_end)));
  if (scheme_end == text.npos)
    throw std::invalid_argument("this is no URL such as postgresql://user:password@host:5432/name");
  if (family == "sqlite")
    return sqlite(text.substr(scheme_end + 3));
  if (family == "postgresql" || family == "postgres")
    return postgresql(text.substr(scheme_end + 3));
  throw std::invalid_argument("the database " + family +
                              " is not supported; postgresql and sqlite are");
}

} // namespace

database parse_database_url(std::string_view text) {
  const auto control = [](unsigned char c) { return c < ' ' || c == '\x7F'; };
  if (std::any_of(text.begin(), text.end(), control))
    throw std::invalid_argument("an address has no control characters");
  return read(text);
}

} // namespace hubbub
