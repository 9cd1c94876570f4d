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

} // namespace

std::string with_server_last(const std::string& connection_string, const std::string& host,
                             const std::string& port) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read{
      PQconninfoParse(connection_string.c_str(), nullptr), &PQconninfoFree};
  std::vector<std::string> names, addresses, ports;
  for (const auto* one = read.get(); one && one->keyword; ++one) {
    const std::string_view name = one->keyword;
    if (one->val && (name == "host" || name == "hostaddr" || name == "port"))
      (name == "host" ? names : name == "port" ? ports : addresses) = split(one->val);
  }
  const auto count = std::max(names.size(), addresses.size());
  if (count < 2)
    return connection_string;
  const auto port_at = [&](std::size_t i) {
    const auto& given = ports.size() == 1 ? ports[0] : i < ports.size() ? ports[i] : std::string();
    return given.empty() ? std::string(default_port) : given;
  };
  std::size_t last = 0;
  while (last < count &&
         !((last < names.size() ? names : addresses)[last] == host && port_at(last) == port))
    ++last;
  if (last == count)
    return connection_string;
  std::string out = connection_string + ' ';
  const auto move_to_end = [&](const char* name, std::vector<std::string>& list) {
    if (list.size() != count)
      return; // none, or one for all servers
    std::rotate(list.begin() + std::ptrdiff_t(last), list.begin() + std::ptrdiff_t(last) + 1,
                list.end());
    out += parameter(name, list);
  };
  move_to_end("host", names);
  move_to_end("hostaddr", addresses);
  move_to_end("port", ports);
  return out; // of a parameter that is there twice, libpq takes the last
}

} // namespace hubbub
