// Runs `hubbub doctor` and parses its report. Records the state of files and databases, to compare
// it afterwards.
#pragma once

#include "tests/support/hub.hpp"
#include "tests/support/postgres.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace test {

inline command doctor_command(settings with) {
  with.try_emplace("MAX_CONNECTIONS", "100"); // any machine allows that many
  return hub_command(with, {"doctor"});
}

inline outcome run_doctor(const command& what) {
  auto result = run(what);
  INFO(result.out);
  CHECK(result.err.empty());
  return result;
}

inline outcome run_doctor(const settings& with) {
  return run_doctor(doctor_command(with));
}

/// The line of the report about one check, and the next line with the advice if the check found a
/// fault.
inline std::string lines_about(const outcome& result, const std::string& what) {
  const auto at = result.out.find("  " + what + ' ');
  INFO(result.out);
  REQUIRE(at != std::string::npos);
  const auto begin = result.out.rfind('\n', at) + 1;
  auto end = result.out.find('\n', at);
  if (result.out.compare(begin, 5, "WRONG") == 0)
    end = result.out.find('\n', end + 1);
  return result.out.substr(begin, end - begin);
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The names and bytes of all files in a folder.
inline std::map<std::string, std::string> state_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    all[entry.path().filename()] = bytes_of(entry.path());
  return all;
}

/// All objects of a database and the values of its sequences, so that any change shows.
inline rows state_of(const postgres& db) {
  auto all = db.sql("select cast(oid as text), relname, cast(relfilenode as text), cast(relacl as "
                    "text) from pg_class where relnamespace = cast('public' as regnamespace) order "
                    "by 1");
  for (const auto& name : db.sql("select sequencename from pg_sequences order by 1"))
    for (auto& row : db.sql("select last_value, is_called from " + name[0]))
      all.push_back(row);
  return all;
}

inline bool is_wrong(const std::string& lines) {
  return lines.starts_with("WRONG") && lines.find("-> ") != std::string::npos;
}

} // namespace test
