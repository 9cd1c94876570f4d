// The pages of the log: where they end, and the data that is too long to be read in vain.
// Knows: the size of rows. Must not know: the columns of a row, SQL.
#include "storage/statements.hpp"

#include "storage/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <unordered_map>

namespace hubbub {

namespace {

constexpr char long_data_mark = '#'; ///< See dialect_parts::short_data.

/// Returns the bytes of the data that is too long to be read with its row, or 0 if it was read. A
/// trigger of the operator may have stored data that is no JSON.
std::size_t long_data_bytes(const message& m) {
  std::size_t out = 0;
  if (!m.data.starts_with(long_data_mark))
    return 0;
  const auto* const end = m.data.data() + m.data.size();
  const auto [at, error] = std::from_chars(m.data.data() + 1, end, out);
  return error == std::errc() && at == end ? out : 0;
}

/// Returns what the row counts, although its data is perhaps not read yet.
std::size_t bytes_of(const message& m) {
  const auto later = long_data_bytes(m);
  return later ? m.text.size() + later : page_bytes(m);
}

/// Returns the bytes of data up to which the data of a row is read with the row. So the rows that
/// are read for a page have not many more bytes than the page may have.
int data_limit(std::size_t rows, std::size_t bytes) {
  constexpr std::size_t least = 256, most = 4096;
  if (bytes == std::numeric_limits<std::size_t>::max())
    return std::numeric_limits<int>::max();
  return int(std::clamp(bytes / std::max<std::size_t>(rows, 1), least, most));
}

/// A page while its rows are read, in the order in which it takes them.
class growing_page {
public:
  explicit growing_page(const page_limit& most) : most_(most) {}

  std::size_t bytes() const { return bytes_; }
  int rows_left() const { return most_.rows - int(rows_.size()); }
  row_id last() const { return rows_.back().id; }

  /// Takes the next rows. Returns false if the page has ended before the last of them.
  bool take(std::vector<message> rows) {
    for (auto& row : rows) {
      if (!rows_.empty() && bytes_ >= most_.bytes) {
        rows_.ended_early = true;
        return false;
      }
      bytes_ += bytes_of(row);
      rows_.push_back(std::move(row));
    }
    return true;
  }

  log_page finish() { return std::move(rows_); }

private:
  const page_limit most_;
  log_page rows_;
  std::size_t bytes_ = 0;
};

log_page reversed(log_page page) {
  std::reverse(page.begin(), page.end());
  return page;
}

} // namespace

log_page statements::after(row_id cursor, row_id last, const page_limit& most) {
  last_ = last;
  auto out = page(after_, {}, cursor, most);
  read_long_data({&out, 1});
  return out;
}

log_page statements::after(const std::string& room, row_id cursor, const page_limit& most) {
  auto out = page(after_in_room_, room, cursor, most);
  read_long_data({&out, 1});
  return out;
}

log_page statements::before(const std::string& room, row_id bound, const page_limit& most) {
  auto out = reversed(page(before_in_room_, room, bound, most));
  read_long_data({&out, 1});
  return out;
}

log_page statements::with_ids(std::vector<row_id> ids, const page_limit& most) {
  // The rows of one statement are in memory at once, with all their data.
  constexpr std::size_t at_once = 32;
  std::sort(ids.begin(), ids.end(), std::greater());
  growing_page out(most);
  for (std::span<const row_id> rest = ids; !rest.empty();) {
    const auto next = rest.first(std::min(rest.size(), at_once));
    rest = rest.subspan(next.size());
    rows_ = nlohmann::json(std::vector(next.begin(), next.end())).dump();
    auto rows = fetch(find_ids_, next.size());
    std::sort(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.id > b.id; });
    if (!out.take(std::move(rows)))
      break;
  }
  return reversed(out.finish());
}

std::vector<log_page> statements::newest(const std::vector<std::string>& rooms, row_id bound,
                                         const page_limit& most, std::size_t total_bytes) {
  std::vector<log_page> out;
  if (newest_in_rooms_)
    out = newest_at_once(rooms, bound, most, total_bytes);
  else {
    std::size_t bytes = 0;
    for (const auto& room : rooms) {
      out.push_back(reversed(page(before_in_room_, room, bound, most)));
      for (const auto& row : out.back())
        bytes += bytes_of(row);
      if (bytes >= total_bytes)
        break;
    }
  }
  read_long_data(out);
  return out;
}

std::vector<log_page> statements::newest_at_once(const std::vector<std::string>& rooms,
                                                 row_id bound, const page_limit& most,
                                                 std::size_t total_bytes) {
  const auto rows = rooms.size() * std::size_t(most.rows);
  rooms_parameter_ = nlohmann::json(rooms).dump();
  cursor_ = bound;
  limit_ = most.rows;
  data_limit_ = data_limit(rows, std::max(total_bytes, most.bytes));
  std::unordered_map<std::string, std::vector<message>> by_room;
  for (auto& row : fetch(*newest_in_rooms_, rows))
    by_room[row.room].push_back(std::move(row));
  std::vector<log_page> out;
  std::size_t bytes = 0;
  for (const auto& room : rooms) {
    auto& all = by_room[room];
    std::reverse(all.begin(), all.end()); // the page takes the newest ones first
    growing_page next(most);
    next.take(std::move(all));
    bytes += next.bytes();
    out.push_back(reversed(next.finish()));
    if (bytes >= total_bytes)
      break;
  }
  return out;
}

log_page statements::page(soci::statement& statement, const std::string& room, row_id cursor,
                          const page_limit& most) {
  growing_page out(most);
  room_ = room;
  cursor_ = cursor;
  data_limit_ = data_limit(std::size_t(most.rows), most.bytes);
  for (;;) {
    const auto left = out.rows_left();
    limit_ = dialect_.rows_at_once ? std::min(left, dialect_.rows_at_once) : left;
    auto rows = fetch(statement, std::size_t(limit_));
    const bool all = rows.size() < std::size_t(limit_) || limit_ == left;
    if (!out.take(std::move(rows)) || all)
      return out.finish();
    cursor_ = out.last();
  }
}

/// Reads the data that was too long to be read with its row.
void statements::read_long_data(std::span<log_page> pages) {
  std::unordered_map<row_id, message*> rows;
  auto ids = nlohmann::json::array();
  for (auto& page : pages)
    for (auto& row : page)
      if (long_data_bytes(row)) {
        ids.push_back(row.id);
        rows.emplace(row.id, &row);
      }
  if (rows.empty())
    return;
  rows_ = ids.dump();
  for (auto& row : fetch(find_ids_, rows.size()))
    if (const auto at = rows.find(row.id); at != rows.end()) {
      *at->second = std::move(row);
      rows.erase(at);
    }
  if (!rows.empty())
    throw log_unavailable("a message was removed while it was read");
}

} // namespace hubbub
