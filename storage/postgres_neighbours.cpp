#include "storage/postgres_neighbours.hpp"

#include "storage/postgres_line.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace hubbub {

namespace {

row_id number(std::string_view text) {
  row_id out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class postgres_neighbours final : public neighbours {
public:
  explicit postgres_neighbours(const database& where) : where_(where) {}

  tidings wait() override {
    try {
      if (!line_)
        return begin();
      for (;;) {
        if (const auto news = collect(); news.newest)
          return news;
        pollfd all[] = {{line_->socket(), POLLIN, 0}, {end_.descriptor(), POLLIN, 0}};
        ::poll(all, 2, -1);
        if (all[1].revents)
          throw log_unavailable("this hub ends");
      }
    } catch (...) {
      line_.reset();
      throw;
    }
  }

  void end() override { end_.raise(); }

private:
  /// First it listens, then it looks: what comes in between is heard twice rather than never.
  tidings begin() {
    line_.emplace(where_.connect + "application_name='hubbub listener'", end_);
    line_->ask("listen hubbub");
    const auto newest = line_->ask("select coalesce(max(id), 0) from messages");
    return {number(PQgetvalue(newest.get(), 0, 0))};
  }

  tidings collect() {
    tidings news;
    while (const auto one = line_->heard())
      news.newest = std::max(news.newest, number(one->text));
    return news;
  }

  const database where_;
  signal_flag end_;
  std::optional<postgres_line> line_;
};

} // namespace

std::shared_ptr<neighbours> make_neighbours(const database& where) {
  if (where.kind == database_kind::sqlite)
    return nullptr;
  return std::make_shared<postgres_neighbours>(where);
}

} // namespace hubbub
