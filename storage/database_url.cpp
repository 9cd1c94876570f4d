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

/// As one part of a URL. RFC 3986, section 2.3.
std::string encoded(const std::string& text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> out{""};
  for (const char c : text)
    c == ',' ? (void)out.emplace_back() : out.back().push_back(c);
  return out;
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

/// Where the query begins, of what follows `://`. libpq takes what is before an `@` as user and
/// password first, whatever else it has.
std::size_t query_of(std::string_view rest) {
  const auto at = rest.find('@');
  return rest.find('?', at < rest.find('/') ? at : 0);
}

using conninfo = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

conninfo parsed(const std::string& text) {
  return {PQconninfoParse(text.c_str(), nullptr), &PQconninfoFree};
}

/// The first name in a query that libpq does not know; empty where a part of a password may be
/// mistaken for one, as one with an `&` in it.
std::string unknown_name(std::string_view rest) {
  const auto query = query_of(rest);
  if (query == rest.npos || rest.find('@', query) != rest.npos ||
      rest.find("password=", query) != rest.npos)
    return {};
  const auto all = parsed("");
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

/// As libpq reads it. Its own words about what is wrong repeat the address, with the password.
parameters read_by_libpq(const std::string& rest) {
  const auto read = parsed("postgresql://" + rest);
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

/// Where libpq would go on with what is likely the rest of a password, and the hub would show it.
/// A port is a number, and the names of machines and of databases have no `@` of their own here.
void check_parts(std::string_view rest, const parameters& given) {
  const auto body = rest.substr(0, query_of(rest));
  if (std::count(body.begin(), body.end(), '@') > 1 ||
      (body.find('@') != body.npos && body.find('/') < body.find('@')))
    throw std::invalid_argument(no_url);
  // Within brackets libpq would take all that follows for an address, the query too.
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
    for (const auto& port : listed(ports->second))
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
  return listed(names.empty() ? value_of(given, "hostaddr") : names);
}

/// libpq would find these out at each connection, and the hub would try again for ever.
void check_values(const parameters& given) {
  const auto ports = listed(value_of(given, "port"));
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

/// The machines, or their sockets, and the name: nothing of the rest is for everybody's eyes.
std::string shown(const parameters& given) {
  const auto hosts = hosts_of(given), ports = listed(value_of(given, "port"));
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

/// SQLAlchemy's drivers call it `ssl`, libpq but `sslmode`.
std::string with_libpq_names(std::string_view rest) {
  std::string out(rest);
  for (auto at = query_of(out); at != out.npos; at = out.find('&', at + 1))
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
  database out{database_kind::postgresql, {}, {}, shown(given)};
  // Of several servers one takes messages.
  if (listed(given["host"]).size() > 1 || listed(given["hostaddr"]).size() > 1)
    given.emplace("target_session_attrs", "read-write");
  // A database that vanished without a word is noticed in seconds, not in TCP's quarter of an hour.
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
