#include "storage/append_plan.hpp"

#include "storage/instant.hpp"
#include "storage/statements.hpp"
#include "storage/unicode_nfc.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace hubbub {

using namespace std::string_literals;

namespace {

std::string to_json(const std::string& text) {
  return nlohmann::json(text).dump();
}

/// Returns the members of a row for the author's profile, each after a comma. Rows of older hubs
/// have no person, and their names are verified ones. So a name that is not verified always has a
/// person, which may be empty.
std::string profile_members(const author_profile& by) {
  std::string out;
  if (!by.name.empty())
    out += R"(,"a":)" + to_json(by.name);
  if (!by.person.empty() || (!by.name.empty() && !by.verified))
    out += R"(,"p":)" + to_json(by.person);
  return out;
}

/// Returns whether a draft and a row, or another draft, are one message. Their profiles do not
/// count.
bool is_same_message(const draft& d, const auto& other) {
  return d.text == other.text && d.data == other.data &&
         (d.room == other.room || to_nfc(d.room) == to_nfc(other.room));
}

/// Returns whether the row is the one that the last try has stored for the draft.
bool is_row_of_last_try(const draft& d, const message& row) {
  return d.attempted_number != 0 && row.user_message_number == d.attempted_number &&
         row.connection_id == d.from->id;
}

/// Returns one row of a batch in the format that `dialect` describes.
std::string to_row(const draft& d, std::size_t order) {
  return R"({"o":)" + std::to_string(order) + R"(,"r":)" + to_json(d.room) + R"(,"t":)" +
         to_json(d.text) + R"(,"c":")" + to_string(d.from->id) + R"(","n":)" +
         std::to_string(d.attempted_number) + R"(,"k":)" +
         (d.key.empty() ? "null"s : to_json(d.key)) + (d.by ? profile_members(*d.by) : ""s) +
         (d.data.empty() ? ""s : R"(,"d":)" + to_json(d.data)) + '}';
}

} // namespace

append_plan::append_plan(std::span<draft> drafts, bool rows_may_change)
    : drafts_(drafts), rows_may_change_(rows_may_change), receipts_(drafts.size()) {}

bool append_plan::needs_lookup() const {
  return std::any_of(drafts_.begin(), drafts_.end(),
                     [](const draft& d) { return d.attempted_number != 0 || !d.key.empty(); });
}

void append_plan::find_stored(statements& run) {
  std::unordered_map<std::string, message> by_key;
  std::map<std::pair<uuid, int>, message> by_number;
  auto keys = nlohmann::json::array(), numbers = nlohmann::json::array();
  for (const auto& d : drafts_)
    if (!d.key.empty())
      keys.push_back({{"k", d.key}, {"l", d.data.size()}});
    else if (d.attempted_number)
      numbers.push_back({{"c", to_string(d.from->id)}, {"n", d.attempted_number}});
  if (!keys.empty())
    for (auto& m : run.with_keys(keys.dump(), keys.size())) {
      const auto [at, first] = by_key.try_emplace(m.key, std::move(m));
      if (!first && at->second.data == statements::other_data)
        at->second.data = std::move(m.data); // drafts with one key and data of different lengths
    }
  if (!numbers.empty())
    for (auto& m : run.with_numbers(numbers.dump(), numbers.size()))
      by_number.emplace(std::pair{m.connection_id, m.user_message_number}, std::move(m));
  const auto look_up = [](const auto& map, const auto& key) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : &at->second;
  };
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const auto& d = drafts_[i];
    const auto* row = d.key.empty()
                          ? look_up(by_number, std::pair{d.from->id, int(d.attempted_number)})
                          : look_up(by_key, d.key);
    if (!row)
      continue;
    const bool found = d.key.empty() || rows_may_change_ || is_row_of_last_try(d, *row) ||
                       is_same_message(d, *row);
    receipts_[i] = found ? receipt{row->id,
                                   row->user_message_number,
                                   row->connection_id,
                                   append_result::found,
                                   row->created_at,
                                   row->room}
                         : receipt{.result = append_result::key_conflict};
  }
}

/// Finds the drafts of a unit that repeat the key of an earlier draft which is to be stored.
/// Returns false, and keeps none of the unit's keys, if one of the drafts is a conflict.
bool append_plan::find_duplicates(std::size_t begin, std::size_t end, first_with_key& keys) {
  const auto known_duplicates = duplicates_.size();
  std::vector<std::string_view> added;
  bool conflict = false;
  for (auto i = begin; i < end; ++i) {
    auto& result = receipts_[i].result;
    conflict |= result == append_result::key_conflict;
    if (result != append_result::stored || drafts_[i].key.empty())
      continue;
    const auto [at, first] = keys.emplace(drafts_[i].key, i);
    if (first)
      added.push_back(at->first);
    else if (rows_may_change_ || is_same_message(drafts_[i], drafts_[at->second])) {
      duplicates_.emplace_back(i, at->second);
      result = append_result::found;
    } else {
      result = append_result::key_conflict;
      conflict = true;
    }
  }
  if (!conflict)
    return true;
  duplicates_.resize(known_duplicates);
  for (const auto key : added)
    keys.erase(key);
  return false;
}

void append_plan::refuse_unit(std::size_t begin, std::size_t end) {
  for (auto i = begin; i < end; ++i)
    receipts_[i] = {.result = receipts_[i].result == append_result::key_conflict
                                  ? append_result::key_conflict
                                  : append_result::unit_conflict};
}

std::string append_plan::assign_numbers() {
  std::unordered_map<const author*, std::int32_t> numbers;
  for (std::size_t i = 0; i < drafts_.size(); ++i)
    if (receipts_[i].result == append_result::found &&
        receipts_[i].author_id == drafts_[i].from->id) {
      auto& last =
          numbers.try_emplace(drafts_[i].from.get(), drafts_[i].from->last_number).first->second;
      last = std::max(last, receipts_[i].number);
    }
  first_with_key keys;
  std::string rows = "[";
  for (std::size_t begin = 0, end = 0; begin < drafts_.size(); begin = end) {
    end = std::min(begin + unit_size(drafts_[begin]), drafts_.size());
    if (!find_duplicates(begin, end, keys)) {
      refuse_unit(begin, end);
      continue;
    }
    for (auto i = begin; i < end; ++i) {
      auto& d = drafts_[i];
      if (receipts_[i].result != append_result::stored)
        continue;
      const auto number = ++numbers.try_emplace(d.from.get(), d.from->last_number).first->second;
      d.attempted_number = receipts_[i].number = number;
      receipts_[i].author_id = d.from->id;
      if (!new_drafts_.empty())
        rows += ',';
      rows += to_row(d, new_drafts_.size());
      new_drafts_.push_back(i);
    }
  }
  return new_drafts_.empty() ? ""s : rows += ']';
}

bool append_plan::store(statements& run, const seen_row& seen, instant now) {
  if (needs_lookup())
    find_stored(run);
  auto rows = assign_numbers();
  // The insert of a table without triggers of others asks by itself.
  if ((rows_may_change_ || rows.empty()) && !run.is_on_branch(seen))
    return false;
  if (rows.empty())
    return true;
  if (rows_may_change_) {
    set_stored(run.insert_verified(std::move(rows), row_count(), to_sql(now)));
    return true;
  }
  const auto ids = run.insert(std::move(rows), row_count(), to_sql(now), seen);
  if (ids.empty())
    return false;
  set_stored(ids);
  return true;
}

void append_plan::set_stored(const std::vector<row_id>& ids) {
  if (ids.size() != new_drafts_.size())
    throw std::runtime_error("the database returned " + std::to_string(ids.size()) + " ids for " +
                             std::to_string(new_drafts_.size()) + " rows");
  for (std::size_t i = 0; i < new_drafts_.size(); ++i)
    receipts_[new_drafts_[i]].id = ids[i];
}

void append_plan::set_stored(std::vector<message> rows) {
  std::map<std::pair<uuid, int>, message*> by_number;
  for (auto& row : rows)
    by_number.emplace(std::pair{row.connection_id, row.user_message_number}, &row);
  rows_.resize(drafts_.size());
  for (const auto i : new_drafts_) {
    const auto at = by_number.find({drafts_[i].from->id, receipts_[i].number});
    if (at == by_number.end())
      throw log_refusal("a trigger, a rule or a policy of the table drops rows");
    receipts_[i].id = at->second->id;
    rows_[i] = std::move(*at->second);
  }
}

appended append_plan::finish(instant created_at) {
  for (const auto i : new_drafts_) {
    receipts_[i].created_at = rows_.empty() ? created_at : rows_[i].created_at;
    if (!rows_.empty())
      receipts_[i].room = rows_[i].room;
  }
  for (const auto& [second, first] : duplicates_) {
    receipts_[second] = receipts_[first];
    receipts_[second].result = append_result::found;
  }
  return {created_at, std::move(receipts_), std::move(rows_)};
}

} // namespace hubbub
