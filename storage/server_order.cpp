#include "storage/server_order.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub {

namespace {

constexpr std::string_view default_port = "5432";

/// An empty element counts, at the end too: it is the default.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out{""};
  for (const char c : list)
    if (c == ',')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

/// Returns the list as a parameter of a connection string.
std::string parameter(const char* name, const std::vector<std::string>& list) {
  std::string out = std::string(name) + "='";
  for (std::size_t i = 0; i < list.size(); ++i) {
    out += i ? "," : "";
    for (const char c : list[i])
      out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return out + "' ";
}

/// The servers of a connection string, as libpq counts them.
struct server_list {
  explicit server_list(const std::string& connection_string) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read{
        PQconninfoParse(connection_string.c_str(), nullptr), &PQconninfoFree};
    for (const auto* one = read.get(); one && one->keyword; ++one) {
      const std::string_view name = one->keyword;
      if (one->val && *one->val && (name == "host" || name == "hostaddr" || name == "port"))
        (name == "host" ? names : name == "port" ? ports : addresses) = split(one->val);
    }
  }

  std::size_t count() const { return std::max(names.size(), addresses.size()); }

  bool is(std::size_t i, const std::string& host, const std::string& port) const {
    const auto& given = ports.size() == 1 ? ports[0] : i < ports.size() ? ports[i] : std::string();
    return (names.empty() ? addresses : names)[i] == host &&
           (given.empty() ? default_port : given) == (port.empty() ? default_port : port);
  }

  /// Returns the parameters with this server behind all others.
  std::string with_last(std::size_t last) const {
    std::string out;
    const auto move_to_end = [&](const char* name, std::vector<std::string> list) {
      if (list.size() != count())
        return; // none, or one for all servers
      const auto at = list.begin() + std::ptrdiff_t(last);
      std::rotate(at, at + 1, list.end());
      out += parameter(name, list);
    };
    move_to_end("host", names);
    move_to_end("hostaddr", addresses);
    move_to_end("port", ports);
    return out;
  }

  std::vector<std::string> names, addresses, ports;
};

/// libpq takes the last one of a parameter that is there twice.
std::string with_last(const std::string& connection_string, const server_list& servers,
                      std::size_t last) {
  return last < servers.count() && servers.count() > 1
             ? connection_string + ' ' + servers.with_last(last)
             : connection_string;
}

} // namespace

std::string with_server_last(const std::string& connection_string, const std::string& host,
                             const std::string& port) {
  const server_list servers(connection_string);
  std::size_t last = 0;
  while (last < servers.count() && !servers.is(last, host, port))
    ++last;
  return with_last(connection_string, servers, last);
}

std::string with_first_server_last(const std::string& connection_string) {
  return with_last(connection_string, server_list(connection_string), 0);
}

} // namespace hubbub
