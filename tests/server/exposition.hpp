// Reads /metrics as a program.
// Knows: the text format of Prometheus. Must not know: which metrics there are.
#pragma once

#include "tests/support/http.hpp"
#include "tests/support/hub.hpp"

#include <map>
#include <sstream>

namespace test {

/// All samples. The key is the name with its labels as written: `name{label="value"}`.
using samples = std::map<std::string, double>;

inline samples scrape(const hub& where, const connect_options& how = {}) {
  samples out;
  std::istringstream lines(fetch(where.port(), request{"GET", "/metrics"}, patience, how).body);
  for (std::string line; std::getline(lines, line);)
    if (const auto space = line.rfind(' '); !line.empty() && line[0] != '#')
      out[line.substr(0, space)] = std::stod(line.substr(space + 1));
  return out;
}

/// The samples of one name. The key is the text between the braces.
inline samples labelled(const samples& all, const std::string& name) {
  samples out;
  for (const auto& [what, value] : all)
    if (what.starts_with(name + '{'))
      out[what.substr(name.size() + 1, what.size() - name.size() - 2)] = value;
  return out;
}

} // namespace test
