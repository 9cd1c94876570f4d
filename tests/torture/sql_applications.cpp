#include "tests/torture/sql_applications.hpp"

namespace torture {

namespace {

constexpr int applications = 4;

} // namespace

sql_applications::sql_applications(testbed& on, std::uint64_t seed, shared_state& shared)
    : shared_{shared} {
  if (on.kind() != database_kind::postgresql || on.replicates() != replication::none ||
      on.has_older())
    return;
  for (int i = 0; i < applications; ++i)
    all_.push_back(std::make_unique<sql_publisher>(i, seed, on.cluster().url("torture"), shared));
}

void sql_applications::end(test::sql_session& look) {
  for (auto& each : all_)
    each->end();
  if (all_.empty())
    return;
  const auto count = [&](const char* table) {
    return std::stol(look.sql(std::string{"select count(*) from "} + table)[0][0]);
  };
  for (const test::deadline until = test::patience; count("hubbub_outbox") > 0 && !until.passed();)
    shared_.rest(std::chrono::milliseconds{20});
  if (const auto left = count("hubbub_outbox"))
    shared_.found.violation(std::to_string(left) + " rows stay in the outbox");
  if (const auto aside = count("hubbub_outbox_failed"))
    shared_.found.violation(std::to_string(aside) + " rows of the outbox were set aside");
}

void sql_applications::add_records(std::vector<const client_record*>& to) const {
  for (const auto& each : all_)
    to.push_back(&each->record());
}

void sql_applications::check(const std::vector<shown>& table) const {
  for (const auto& each : all_)
    each->check(table);
}

} // namespace torture
