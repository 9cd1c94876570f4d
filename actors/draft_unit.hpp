// Drafts that are stored together or not at all, and what has become of them.
// Knows: drafts, their outcome. Must not know: the request that they came with, CAF.
#pragma once

#include "actors/ingress_budget.hpp"
#include "actors/refusal_code.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// A message of a unit, as it is in the log. A repeated key has the row that was stored first.
struct stored_message {
  row_id id = 0;
  std::string room;
  uuid connection_id{};
  std::int32_t number = 0;
  instant created_at{};
  bool repeated = false; ///< Another request, or an earlier message of this one, has stored it.
};

struct unit_outcome {
  std::string log;                      ///< The name of the log.
  std::vector<stored_message> messages; ///< One for each draft. Empty after a refusal.
  /// `key_conflict`, `unstorable`, `upgrading` or `busy`: nothing of the unit is stored.
  std::optional<refusal_code> refused = {};
  std::optional<std::size_t> index = {}; ///< The draft that is at fault, if one is known.
};

/// Is called once, on the thread of the persistence actor, and must not block. If the hub ends
/// before the outcome is known, it is destroyed without a call.
using unit_answer = std::shared_ptr<const std::function<void(unit_outcome)>>;

/// Accepted drafts of one author, whose member `unit` is their number. Their weight is taken from
/// the ingress budget.
struct draft_unit {
  std::vector<draft> drafts; ///< At least one.
  ingress_quota_ptr quota;
  unit_answer answer;
};

} // namespace hubbub
