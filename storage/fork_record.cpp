#include "storage/fork_record.hpp"

#include <nlohmann/json.hpp>

namespace hubbub {

namespace {

bool is_id(const nlohmann::json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t(max_id);
}

} // namespace

std::optional<std::vector<log_fork>> parse_forks(const std::string& record) {
  std::vector<log_fork> out;
  if (record.empty())
    return out;
  const auto all = nlohmann::json::parse(record, nullptr, false);
  if (!all.is_array())
    return {};
  for (const auto& one : all) {
    if (!one.is_array() || one.size() != 2 || !is_id(one[0]) || !is_id(one[1]))
      return {};
    const log_fork next{one[0].get<row_id>(), one[1].get<row_id>()};
    if (next.after >= next.first || (!out.empty() && next.first <= out.back().first))
      return {};
    out.push_back(next);
  }
  return out;
}

std::string format_forks(std::span<const log_fork> forks) {
  auto all = nlohmann::json::array();
  for (const auto& one : forks)
    all.push_back({one.after, one.first});
  return all.dump();
}

} // namespace hubbub
