// The assembly of SQL texts from named parts.
// Knows: the marks of parts in a text. Must not know: SQL, databases.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

/// Returns the text with every `{name}` replaced by the part of that name. The names are replaced
/// in their order, so a part may contain the marks of later names. Marks of other names stay. The
/// parts are SQL of the hub itself, never values from clients.
inline std::string
fill_sql(std::string text,
         std::initializer_list<std::pair<std::string_view, std::string_view>> parts) {
  for (const auto& [name, part] : parts) {
    const auto mark = '{' + std::string(name) + '}';
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + part.size()))
      text.replace(at, mark.size(), part);
  }
  return text;
}

} // namespace hubbub
