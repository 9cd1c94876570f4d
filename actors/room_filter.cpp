#include "actors/room_filter.hpp"

#include "storage/unicode_nfc.hpp"

#include <algorithm>

namespace hubbub {

room_filter::room_filter(const std::vector<std::string>& entries) {
  std::vector<std::string> names, beginnings;
  for (const auto& entry : entries)
    if (entry.ends_with('*'))
      beginnings.push_back(to_nfc(std::string_view(entry).substr(0, entry.size() - 1)));
    else
      names.push_back(to_nfc(entry));
  std::sort(names.begin(), names.end());
  std::sort(beginnings.begin(), beginnings.end());
  for (const auto& text : names)
    if (names_.last_up_to(text) != text)
      names_.add(text);
  // In this order a text comes directly behind the one in the list that it begins with.
  for (const auto& text : beginnings)
    if (const auto before = beginnings_.last_up_to(text); !before || !text.starts_with(*before))
      beginnings_.add(text);
  for (auto* each : {&names_, &beginnings_}) {
    each->bytes.shrink_to_fit();
    each->ends.shrink_to_fit();
  }
}

bool room_filter::allows(std::string_view room) const {
  if (names_.last_up_to(room) == room)
    return true;
  const auto beginning = beginnings_.last_up_to(room);
  return beginning && room.starts_with(*beginning);
}

std::string_view room_filter::sorted_texts::at(std::size_t index) const {
  const auto begin = index ? ends[index - 1] : 0;
  return std::string_view(bytes).substr(begin, ends[index] - begin);
}

void room_filter::sorted_texts::add(std::string_view text) {
  bytes += text;
  ends.push_back(std::uint32_t(bytes.size()));
}

std::optional<std::string_view> room_filter::sorted_texts::last_up_to(std::string_view text) const {
  std::size_t low = 0, high = ends.size(); // the texts before `low` are not greater, those from
                                           // `high` on are
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (at(middle) <= text)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0)
    return {};
  return at(low - 1);
}

} // namespace hubbub
